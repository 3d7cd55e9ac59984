"""An asyncpg pool that takes its size from the environment."""

import asyncio
import os

import asyncpg


async def main() -> None:
    pool = await asyncpg.create_pool(
        os.environ["DB_PRIMARY_DB_URL"],
        min_size=int(os.environ.get("DB_POOL_MIN_SIZE", "10")),
        max_size=int(os.environ.get("DB_POOL_MAX_SIZE", "10")),
        command_timeout=float(os.environ.get("DB_POOL_COMMAND_TIMEOUT", "60")),
        max_queries=int(os.environ.get("DB_POOL_MAX_QUERIES", "50000")),
        max_inactive_connection_lifetime=float(
            os.environ.get("DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME", "300")
        ),
        server_settings={"application_name": os.environ.get("PGAPPNAME", "asyncpg")},
    )
    print("open", flush=True)
    await asyncio.sleep(2)  # Nobody asks for anything: what the pool holds now is its minimum.
    print("busy", flush=True)
    await asyncio.gather(*(pool.execute("SELECT pg_sleep(0.5)") for _ in range(60)))
    print("done", flush=True)
    await pool.close()


asyncio.run(main())
