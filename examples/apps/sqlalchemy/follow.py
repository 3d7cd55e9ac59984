"""Lets a SQLAlchemy engine follow the pool size in a file while it runs.

SQLAlchemy cannot resize a pool. LivePool is a QueuePool that can: create the engine with
poolclass=LivePool and max_overflow=0, then call follow(engine). It uses QueuePool's own accounts,
which are not public names: pin the version of SQLAlchemy. Ran with 2.0 and 2.1.
"""

import os
import threading
import time

from sqlalchemy.pool import QueuePool
from sqlalchemy.util.queue import Empty

FILE = os.environ.get("POOL_SIZE_FILE", "/etc/poolwarden/pool-size")


class LivePool(QueuePool):
    def resize(self, size):
        with self._overflow_lock:  # _overflow is what is open beyond the size, below 0 if less is.
            self._overflow += self._pool.maxsize - size
            self._pool.maxsize = size
        while self._is_over():
            try:
                self._do_return_conn(self._pool.get(False))  # An idle one, which this closes.
            except Empty:
                break

    def wake(self):
        """Threads that wait are woken by connections alone, so they get new ones."""
        while self._pool.empty() and self._inc_overflow():
            try:
                record = self._create_connection()
            except Exception:
                self._dec_overflow()
                return
            self._do_return_conn(record)
            time.sleep(0.01)  # For whoever waits to take it: one that is not taken is enough.

    def _is_over(self):
        return self._overflow > self._max_overflow

    def _do_return_conn(self, record):  # Every connection that is released comes by here.
        with self._overflow_lock:
            if over := self._is_over():
                self._overflow -= 1
        if over:
            record.close()
        else:
            super()._do_return_conn(record)


def follow(engine, file=FILE, every=0.25):
    def look():
        try:
            with open(file) as text:
                size = int(text.read())
        except (OSError, ValueError):
            return  # Not there (yet), or no number.
        if size > 0 and size != engine.pool.size():
            engine.pool.resize(size)
            engine.pool.wake()

    def run():
        while True:
            look()
            time.sleep(every)

    threading.Thread(target=run, daemon=True).start()
