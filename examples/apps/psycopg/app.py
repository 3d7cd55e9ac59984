"""A psycopg pool that takes its size from the environment, and follows it in a live pool."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from follow import LivePool, follow

pool = LivePool(
    os.environ["DATABASE_URL"],
    min_size=int(os.environ.get("DB_POOL_MIN_SIZE", "4")),
    max_size=int(os.environ.get("DB_POOL_MAX_SIZE", "10")),
    # Longer than anybody waits here; in a service, what a request may wait.
    timeout=60,
    max_lifetime=1500,
    open=True,
)
follow(pool)
queries = iter(range(int(os.environ.get("QUERIES", "60"))))


def work(_: int) -> None:
    for _ in queries:
        with pool.connection() as connection:
            connection.execute("SELECT pg_sleep(0.5)")


print("open", flush=True)
time.sleep(2)  # Nobody asks for anything: what the pool holds now is its minimum.
print("busy", flush=True)
with ThreadPoolExecutor(60) as threads:
    list(threads.map(work, range(60)))
print("done", flush=True)
time.sleep(float(os.environ.get("LINGER_SECONDS", "0")))  # Nor here.
pool.close()
