// What makes a simulated server a pooler, such as PgBouncer: it holds connections to a server
// behind it, all that its pool may have, and opens those that it lost again before any pod does.
// In session mode a client holds one until it leaves, so the pool is a limit on clients as well.

import { pairNameOf } from "../../../src/domain/supply/connection-limits.ts";
import type { DatabaseReading } from "../../../src/domain/facts/facts.ts";
import type { Clock } from "../../../src/ports.ts";
import type { Login, SimulatedPostgres } from "./postgres.ts";

export interface TierParts {
  readonly clock: Clock;
  readonly front: SimulatedPostgres;
  readonly behind: SimulatedPostgres;
  /** Name of the server behind. */
  readonly server: string;
  readonly poolSize: number;
  readonly isSession: boolean;
}

const retryMs = 5_000;
const pair = pairNameOf({ role: "app", database: "orders" });

export class PoolerTier {
  readonly #parts: TierParts;
  #poolSize: number;
  #isRetrying = false;

  constructor(parts: TierParts) {
    this.#parts = parts;
    this.#poolSize = parts.poolSize;
    parts.behind.onChange(() => {
      this.#fill();
    });
    parts.front.onChange(() => {
      if (parts.front.isUp) this.#fill();
      else this.#close(this.openSlots);
    });
    this.#fill();
  }

  /** As it connects to the server behind it. */
  get login(): Login {
    const [address, applicationName] = ["10.98.0.1", "pgbouncer"];
    return { user: "pooler", database: "orders", applicationName, address };
  }

  get openSlots(): number {
    return this.#parts.behind.countOf(this.login);
  }

  /** Of the fleet's role on its database; below 0: none. */
  get clientSlots(): number {
    return this.#parts.isSession ? this.#poolSize : -1;
  }

  /** The same, where the server behind has fewer. */
  get fleetSlots(): number {
    const { isSession, behind } = this.#parts;
    return isSession ? Math.min(this.#poolSize, behind.ordinary) : -1;
  }

  /** As its configuration is loaded again. */
  resize(poolSize: number): void {
    this.#poolSize = poolSize;
    this.#close(this.openSlots - poolSize);
    this.#fill();
  }

  get poolSize(): number {
    return this.#poolSize;
  }

  /** Name of the server behind. */
  get server(): string {
    return this.#parts.server;
  }

  /** What its console says beside its clients. */
  said(): Pick<DatabaseReading, "withheld" | "pairLimits" | "limitSettings" | "behind"> {
    const { server, isSession } = this.#parts;
    const one = { server, processes: 1, entries: 1, isSession, openSlots: this.openSlots };
    return {
      withheld: [],
      pairLimits: { [pair]: this.clientSlots },
      limitSettings: { "role app on database orders": "pool_size" },
      behind: [{ ...one, maySlots: this.#poolSize }],
    };
  }

  #close(count: number): void {
    if (count > 0) this.#parts.behind.disconnect(this.login, count);
  }

  /** Whatever the server lets in; the rest is tried again. */
  #fill(): void {
    const { front, behind, clock } = this.#parts;
    if (!front.isUp || !behind.isUp) return;
    while (this.openSlots < this.#poolSize && behind.refusal(this.login) === undefined) {
      behind.connect(this.login, 1);
    }
    if (this.openSlots >= this.#poolSize || this.#isRetrying) return;
    this.#isRetrying = true;
    clock.after(retryMs, () => {
      this.#isRetrying = false;
      this.#fill();
    });
  }
}
