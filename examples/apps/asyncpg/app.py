"""An asyncpg pool that takes its size from the environment, and follows it in a live pool."""

import asyncio
import os

import asyncpg
from follow import CEILING, follow


async def main() -> None:
    pool = await asyncpg.create_pool(
        os.environ["DB_PRIMARY_DB_URL"],
        min_size=int(os.environ.get("DB_POOL_MIN_SIZE", "10")),
        max_size=CEILING,  # The size itself without follow().
        command_timeout=float(os.environ.get("DB_POOL_COMMAND_TIMEOUT", "60")),
        max_queries=int(os.environ.get("DB_POOL_MAX_QUERIES", "50000")),
        max_inactive_connection_lifetime=float(
            os.environ.get("DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME", "300")
        ),
        server_settings={"application_name": os.environ.get("PGAPPNAME", "asyncpg")},
    )
    follow(pool, int(os.environ.get("DB_POOL_MAX_SIZE", "10")))
    queries = iter(range(int(os.environ.get("QUERIES", "60"))))

    async def work() -> None:
        for _ in queries:
            await pool.execute("SELECT pg_sleep(0.5)")

    print("open", flush=True)
    await asyncio.sleep(2)  # Nobody asks for anything: what the pool holds now is its minimum.
    print("busy", flush=True)
    await asyncio.gather(*(work() for _ in range(60)))
    print("done", flush=True)
    await asyncio.sleep(float(os.environ.get("LINGER_SECONDS", "0")))  # Nor here.
    await pool.close()


asyncio.run(main())
