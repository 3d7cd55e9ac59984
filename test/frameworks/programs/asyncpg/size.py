"""Prints how many connections an asyncpg pool gives before it makes its user wait."""

import asyncio
import os

import asyncpg

MOST = 60


async def main() -> None:
    pool = await asyncpg.create_pool(
        os.environ["DB_PRIMARY_DB_URL"],
        min_size=int(os.environ.get("DB_POOL_MIN_SIZE", "0")),
        max_size=int(os.environ.get("SIZE_IN_CODE") or os.environ.get("DB_POOL_MAX_SIZE", "10")),
    )
    held = []
    try:
        while len(held) < MOST:
            held.append(await pool.acquire(timeout=2))
    except TimeoutError:
        pass
    print("pool size", len(held) if len(held) < MOST else "without limit")
    pool.terminate()


asyncio.run(main())
