"""Lets an asyncpg pool follow the pool size in a file while it runs.

asyncpg cannot resize a pool. So the pool is made with max_size=CEILING, and of its connection
holders those above the size are parked: closed, and kept out of the queue that requests wait on.
This uses the pool's _queue, which is not a public name: pin the version of asyncpg. Ran with 0.32.
"""

import asyncio
import os

CEILING = 100  # No size is larger; a holder without a connection costs nothing.
FILE = os.environ.get("POOL_SIZE_FILE", "/etc/poolwarden/pool-size")


def follow(pool, size, file=FILE, every=0.25):
    """Call it right after create_pool, with the size from the environment."""
    queue, put, parked = pool._queue, pool._queue.put_nowait, []
    ceiling = pool.get_max_size()

    def give_back(holder):  # Every connection that is released comes by here.
        if len(parked) < ceiling - size:
            parked.append(holder)
            holder.terminate()
        else:
            put(holder)

    def resize(to):
        nonlocal size
        size = min(to, ceiling)
        free = [queue.get_nowait() for _ in range(queue.qsize())]
        for holder in sorted(free, key=lambda each: each.is_connected()):
            give_back(holder)
        while len(parked) > ceiling - size:
            put(parked.pop())

    def look():
        asyncio.get_running_loop().call_later(every, look)
        try:
            with open(file) as text:
                read = int(text.read())
            if read > 0 and read != size:
                resize(read)
        except (OSError, ValueError):
            pass  # Not there (yet), or no number.

    queue.put_nowait = give_back
    resize(size)
    look()
