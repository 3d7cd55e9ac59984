"""A SQLAlchemy engine that takes its size from the environment, and follows it in a live pool.

max_overflow=0 is the line that matters: by default an engine opens 10 connections beyond pool_size.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from follow import LivePool, follow
from sqlalchemy import create_engine, text

engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1),
    poolclass=LivePool,
    pool_size=int(os.environ.get("DB_POOL_MAX_SIZE", "5")),
    max_overflow=0,
    # Longer than anybody waits here; in a service, what a request may wait.
    pool_timeout=60,
    pool_pre_ping=True,
    pool_recycle=1500,
)
follow(engine)
queries = iter(range(int(os.environ.get("QUERIES", "60"))))


def work(_: int) -> None:
    for _ in queries:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_sleep(0.5)"))


print("open", flush=True)
time.sleep(2)  # Nobody asks for anything.
print("busy", flush=True)
with ThreadPoolExecutor(60) as threads:
    list(threads.map(work, range(60)))
print("done", flush=True)
time.sleep(float(os.environ.get("LINGER_SECONDS", "0")))  # Nor here.
engine.dispose()
