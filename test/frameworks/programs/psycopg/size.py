"""Prints how many connections a psycopg pool gives before it makes its user wait."""

import os

from psycopg_pool import ConnectionPool, PoolTimeout

MOST = 60

pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=int(os.environ.get("DB_POOL_MIN_SIZE", "1")),
    max_size=int(os.environ.get("SIZE_IN_CODE") or os.environ.get("DB_POOL_MAX_SIZE", "4")),
    open=True,
)
pool.wait(timeout=10)
held = []
try:
    while len(held) < MOST:
        held.append(pool.getconn(timeout=2))
except PoolTimeout:
    pass
print("pool size", len(held) if len(held) < MOST else "without limit", flush=True)
os._exit(0)  # What is held would be waited for.
