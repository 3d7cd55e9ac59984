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
        """Opens connections for threads that wait, until one is not taken.

        A thread that waits already is woken by a connection in the queue alone.
        """
        while self._pool.empty() and self._inc_overflow():
            try:
                record = self._create_connection()
            except Exception:
                self._dec_overflow()
                return
            self._do_return_conn(record)
            for _ in range(20):
                if self._pool.empty():
                    break
                time.sleep(0.01)

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
    def read():
        try:
            with open(file) as text:
                return int(text.read())
        except (OSError, ValueError):
            return 0  # Not there (yet), or no number.

    def run():
        while True:
            size = read()
            if size > 0 and size != engine.pool.size():
                engine.pool.resize(size)
            if size > 0:
                engine.pool.wake()
            time.sleep(every)

    threading.Thread(target=run, daemon=True).start()
