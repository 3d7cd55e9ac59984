"""Prints how many connections a SQLAlchemy engine gives before it makes its user wait."""

import os

from sqlalchemy import create_engine
from sqlalchemy.exc import TimeoutError as PoolIsFull

MOST = 60

engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1),
    pool_size=int(os.environ.get("SIZE_IN_CODE") or os.environ.get("DB_POOL_MAX_SIZE", "5")),
    max_overflow=int(os.environ.get("DB_MAX_OVERFLOW", "10")),
    pool_timeout=0.1,
)
held = []
try:
    while len(held) < MOST:
        held.append(engine.connect())
except PoolIsFull:
    pass
print("pool size", len(held) if len(held) < MOST else "without limit")
