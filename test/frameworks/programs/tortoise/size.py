"""Prints the largest size of the pool that Tortoise makes of its URL."""

import asyncio
import os

from tortoise import Tortoise
from tortoise.connection import connections


async def main() -> None:
    url = os.environ["DATABASE_URL"].replace("postgresql://", "asyncpg://", 1)
    await Tortoise.init(db_url=url, modules={"models": ["__main__"]})
    client = connections.get("default")
    await client.execute_query("SELECT 1")
    print("pool size", client._pool.get_max_size())
    await Tortoise.close_connections()


asyncio.run(main())
