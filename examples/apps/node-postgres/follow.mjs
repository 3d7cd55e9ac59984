// Lets a node-postgres pool follow the pool size in a file while it runs. The pool reads
// options.max whenever it connects; that alone closes nothing. So while it has more connections
// than that, each one is closed as it is given back, and never while a query runs on it.
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

export function follow(pool, file = "/etc/poolwarden/pool-size") {
  if (!existsSync(dirname(file))) return;
  const { maxUses } = pool.options;
  const isOver = () => pool.totalCount > pool.options.max;
  pool.on("release", () => (pool.options.maxUses = isOver() ? 1 : maxUses));
  const resize = (size) => {
    pool.options.max = size;
    const over = pool.totalCount - size;
    // Idle connections are closed as they are given back; waiting requests get new ones.
    const touched = over > 0 ? Math.min(pool.idleCount, over) : Math.min(pool.waitingCount, -over);
    for (let n = 0; n < touched; n++) {
      pool.connect().then(
        (client) => client.release(),
        () => undefined,
      );
    }
  };
  const look = () => {
    try {
      const size = Number.parseInt(readFileSync(file, "utf8"), 10);
      if (size > 0 && size !== pool.options.max) resize(size);
    } catch {
      // It is not there yet, or just being replaced.
    }
  };
  setInterval(look, 250).unref();
  look();
}
