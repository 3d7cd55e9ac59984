// Looks at who is at work, between two readings, on the session that is open anyway. A reading
// comes too seldom for that: most queries are over within a second. Every five seconds is enough,
// since it is the share of time that counts, and each look costs the server one short statement.
// A server that takes long for it is asked less often, and one that fails is left alone until it
// was read again.

import type { ClientsAtWork } from "../../domain/facts/facts.ts";
import type { Clock, DatabaseTarget } from "../../ports.ts";

export const lookEveryMs = 5_000;
/** Looking takes a twentieth of the time at most. */
const pausePerLook = 20;

type Tell = NonNullable<DatabaseTarget["tellWork"]>;

export class WorkLooks {
  readonly #clock: Pick<Clock, "monotonicMs" | "after">;
  readonly #look: () => Promise<readonly ClientsAtWork[] | undefined>;
  #tell: Tell | undefined;
  #cancel: (() => void) | undefined;

  /** `look`: undefined where there is nothing to look at. */
  constructor(
    clock: Pick<Clock, "monotonicMs" | "after">,
    look: () => Promise<readonly ClientsAtWork[] | undefined>,
  ) {
    this.#clock = clock;
    this.#look = look;
  }

  /** From now on; undefined: nobody wants to know. */
  tell(tell: Tell | undefined): void {
    if (!tell) {
      this.stop();
      return;
    }
    const isUnderWay = this.#tell !== undefined;
    this.#tell = tell;
    if (!isUnderWay) this.#after(lookEveryMs);
  }

  stop(): void {
    this.#tell = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #after(delayMs: number): void {
    this.#cancel = this.#clock.after(delayMs, () => {
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    const clients = await this.#look().catch(() => undefined);
    // It may have been stopped meanwhile.
    if (!this.#tell) return;
    if (!clients) {
      this.stop();
      return;
    }
    this.#tell(clients);
    const tookMs = this.#clock.monotonicMs() - startMs;
    this.#after(Math.max(lookEveryMs, pausePerLook * tookMs));
  }
}
