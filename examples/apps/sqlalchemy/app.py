"""A SQLAlchemy engine that takes its size from the environment.

max_overflow=0 is the line that matters: by default an engine opens 10 connections beyond pool_size.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import create_engine, text

engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1),
    pool_size=int(os.environ.get("DB_POOL_MAX_SIZE", "5")),
    max_overflow=0,
    # Longer than anybody waits here; in a service, what a request may wait.
    pool_timeout=60,
    pool_pre_ping=True,
    pool_recycle=1500,
)


def query(_: int) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(0.5)"))


print("open", flush=True)
time.sleep(2)  # Nobody asks for anything.
print("busy", flush=True)
with ThreadPoolExecutor(60) as threads:
    list(threads.map(query, range(60)))
print("done", flush=True)
engine.dispose()
