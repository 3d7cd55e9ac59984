"""Lets a psycopg pool follow the pool size in a file while it runs.

resize() of psycopg_pool closes nothing that is busy, and idle connections one every max_idle. So
LivePool closes what is above the size as it comes back. It uses the pool's _lock and _nconns, which
are not public names: pin the version of psycopg_pool. Ran with 3.3.
"""

import os
import threading
import time

from psycopg import OperationalError
from psycopg_pool import ConnectionPool

FILE = os.environ.get("POOL_SIZE_FILE", "/etc/poolwarden/pool-size")


class LivePool(ConnectionPool):
    def putconn(self, conn):  # Every connection that is released comes by here.
        with self._lock:
            if over := self._nconns > self._max_size:
                self._nconns -= 1
        if over:
            self._close_connection(conn)
        else:
            super().putconn(conn)


def follow(pool, file=FILE, every=0.25):
    def look():
        with open(file) as text:
            size = int(text.read())
        if size > 0 and size != pool.max_size:
            pool.resize(min(pool.min_size, size), size)
        stats = pool.get_stats()
        for _ in range(min(stats["pool_size"] - pool.max_size, stats["pool_available"])):
            pool.putconn(pool.getconn(timeout=every))  # An idle one, which this closes.

    def run():
        while not pool.closed:
            try:
                look()
            except (OSError, ValueError, OperationalError):
                pass  # The file is not there (yet), or no number; or nothing was idle any more.
            time.sleep(every)

    threading.Thread(target=run, daemon=True).start()
