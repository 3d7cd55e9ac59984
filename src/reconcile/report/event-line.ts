// Events that are to be written. One decision may have thousands to tell (each workload whose size
// changes is one), and the next decision must not wait for all of them. So they stand in a line,
// namespaces take turns, and whoever has told waits for a moment only. What one namespace has to
// say beyond a bound is dropped: events explain, and statuses say the same.

import type { Clock, Cluster, KubernetesEvent, Log } from "../../ports.ts";
import { isRefusal } from "../memory/refusals.ts";

const eventsAtOnce = 4;
/** Of one namespace, that have not been begun. */
const waitingMax = 1_000;
/** For how long whoever tells something waits. */
const tellingMs = 500;

export interface EventLineParts {
  readonly cluster: Pick<Cluster, "createEvent">;
  readonly clock: Pick<Clock, "after">;
  readonly log: Log;
}

function namespaceOf({ regarding }: KubernetesEvent): string {
  return regarding.namespace;
}

export class EventLine {
  readonly #parts: EventLineParts;
  /** By namespace, in the order of their turns; none is empty. */
  readonly #waiting = new Map<string, KubernetesEvent[]>();
  #writing = 0;
  readonly #tellers = new Set<() => void>();

  constructor(parts: EventLineParts) {
    this.#parts = parts;
  }

  /** Resolves when all that waits was written, or after a moment. */
  async tell(events: readonly KubernetesEvent[]): Promise<void> {
    this.#logDropped(events.filter((event) => !this.#isAdded(event)));
    while (this.#writing < eventsAtOnce && this.#waiting.size > 0) void this.#write();
    if (this.#writing === 0) return;
    await this.#untilIdle();
  }

  #untilIdle(): Promise<void> {
    return new Promise((resolve) => {
      const goOn = (): void => {
        cancel();
        this.#tellers.delete(goOn);
        resolve();
      };
      const cancel = this.#parts.clock.after(tellingMs, goOn);
      this.#tellers.add(goOn);
    });
  }

  #isAdded(event: KubernetesEvent): boolean {
    const { namespace } = event.regarding;
    const waiting = this.#waiting.get(namespace) ?? [];
    if (waiting.length >= waitingMax) return false;
    waiting.push(event);
    this.#waiting.set(namespace, waiting);
    return true;
  }

  /** One line for each namespace: whoever makes thousands of events fills no log with them. */
  #logDropped(dropped: readonly KubernetesEvent[]): void {
    for (const [namespace, { length: count }] of Map.groupBy(dropped, namespaceOf)) {
      const fields = { namespace, count, waiting: waitingMax };
      this.#parts.log.warn(fields, "events were dropped: too many of the namespace wait");
    }
  }

  async #write(): Promise<void> {
    this.#writing += 1;
    for (let event = this.#next(); event; event = this.#next()) await this.#send(event);
    this.#writing -= 1;
    if (this.#writing === 0) for (const goOn of this.#tellers) goOn();
  }

  /** Of the namespace whose turn was longest ago. */
  #next(): KubernetesEvent | undefined {
    const [first] = this.#waiting;
    if (!first) return undefined;
    const [namespace, events] = first;
    const event = events.shift();
    this.#waiting.delete(namespace);
    if (events.length > 0) this.#waiting.set(namespace, events);
    return event;
  }

  /** An event that is refused is lost, and nothing else would say so. */
  async #send(event: KubernetesEvent): Promise<void> {
    const { cluster, log } = this.#parts;
    try {
      const outcome = await cluster.createEvent(event);
      if (outcome.kind === "ok" || !isRefusal(outcome)) return;
      log.warn({ reason: event.reason, detail: outcome.message }, "an event could not be written");
    } catch (error) {
      // Nobody waits for it any more.
      log.error({ reason: event.reason, error }, "an event could not be written");
    }
  }
}
