// The Database port on PgBouncer: how many clients its pods let in, and who they are. Every pod has
// a limit of its own and knows its own clients only, so a name that means several addresses is read
// at each of them, and the pooler is what they have together. Pods come and go, so the name is
// looked up for each reading. One that does not answer fails the reading: without it the limit
// would look smaller than it is, and pools would shrink for the time of a restart.

import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import { parsePoolerUri } from "../../domain/supply/pooler-uri.ts";
import type { Database } from "../../ports.ts";
import { TooLongAnswer } from "../database/failures.ts";
import type { Limits } from "../database/line.ts";
import { LongAnswers } from "../database/long-answers.ts";
import type { OwnSession } from "../database/own-sessions.ts";
import {
  type Answer,
  createReader,
  type EngineReader,
  type Question,
  type ReaderOptions,
  type Session,
  type SessionSettings,
} from "../database/reader.ts";
import { addressesOf, onlyTo, type PodAddress } from "./addresses.ts";
import { answerOf, type PodReading, readPod } from "./answer.ts";
import { type Console, openConsole, roomOfPooler } from "./console.ts";
import { failureOf } from "./failures.ts";
import { consoleName } from "./server-side.ts";

/** Reads PgBouncer 1.18 to 1.26. */
export function createPgbouncerDatabase(options: ReaderOptions): Database {
  return createReader(engineWith(new LongAnswers(options.clock)), options);
}

const engineWith = (long: LongAnswers): EngineReader<ConnectionUri> => ({
  parse: (text, beside) => {
    const parsed = parsePoolerUri(text, beside);
    if (parsed.kind === "problem") return parsed;
    return { kind: "uri", uri: { ...parsed.uri, database: consoleName } };
  },
  open: async (settings, limits) => {
    const session = new PoolerSession(settings, long);
    return await session.open(limits);
  },
  failureOf,
  forget: (server) => {
    long.forget(server);
  },
});

/** Of each the numbers are known all the same. */
const canBeLeftOut = ["SHOW POOLS", "SHOW CLIENTS"];

interface Pod {
  readonly console: Console;
  /** Undefined of the first, which the reader knows itself. */
  readonly own: OwnSession | undefined;
}

/** A console on each pod. */
class PoolerSession implements Session {
  readonly #settings: SessionSettings<ConnectionUri>;
  readonly #pods = new Map<string, Pod>();
  readonly #room = roomOfPooler();
  /** Whoever was connected to a pod that is gone, or was restarted, comes back in a moment. */
  #podsChangedAtMs = performance.now();
  readonly #long: LongAnswers;
  /** Asked for the last time. */
  #leftOut: readonly string[] = [];

  constructor(settings: SessionSettings<ConnectionUri>, long: LongAnswers) {
    this.#settings = settings;
    this.#long = long;
  }

  async open(limits: Limits): Promise<this> {
    try {
      await this.#follow(limits);
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  isOpen(): boolean {
    return [...this.#pods.values()].every(({ console }) => console.isOpen());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pods.keys()].map((address) => this.#leave(address)));
  }

  async ask(question: Question, limits: Limits): Promise<Answer> {
    const untilMs = performance.now() + limits.timeoutMs;
    this.#room.refill();
    await this.#follow(limits);
    const left = { ...limits, timeoutMs: Math.max(1, untilMs - performance.now()) };
    const { uri, applicationName, busy } = this.#settings;
    this.#leftOut = this.#leftOutNow();
    const asking = { ...question, uri, applicationName, busy, long: this.#long };
    const readings = await Promise.all(
      [...this.#pods.values()].map(({ console }): Promise<PodReading> =>
        readPod(console, asking, left),
      ),
    ).catch(async (error: unknown) => {
      // What the others still say is not waited for.
      if (error instanceof TooLongAnswer) await this.close();
      throw error;
    });
    const podsChangedAtMs = this.#podsChangedAtMs;
    return busy.run(() => {
      return { ...answerOf(readings, { ...question, uri, applicationName }), podsChangedAtMs };
    });
  }

  /** What clients can make longer is left out for a while, the pools first. */
  asksLessAfter(error: unknown): boolean {
    if (!(error instanceof TooLongAnswer)) return false;
    const [next] = canBeLeftOut.filter((command) => !this.#leftOut.includes(command));
    if (next === undefined) return false;
    const isLess = this.#leftOutNow().length > this.#leftOut.length;
    if (!isLess) this.#long.note(this.#settings.uri.server, next);
    return true;
  }

  #leftOutNow(): readonly string[] {
    return canBeLeftOut.filter((command) => this.#long.has(this.#settings.uri.server, command));
  }

  /** To the pods that there are now. */
  async #follow(limits: Limits): Promise<void> {
    const addresses = await addressesOf(this.#settings, limits);
    const wanted = new Set(addresses.map(({ address }) => address));
    const gone = [...this.#pods.keys()].filter((address) => !wanted.has(address));
    await Promise.all(gone.map((address) => this.#leave(address)));
    const fresh = addresses.filter(({ address }) => !this.#pods.has(address));
    if (gone.length > 0 || fresh.length > 0) this.#podsChangedAtMs = performance.now();
    const [first, ...others] = fresh;
    if (first) await this.#join(first, limits);
    await allOrNone(others, limits, (address, shared) => this.#join(address, shared));
  }

  async #join(to: PodAddress, limits: Limits): Promise<void> {
    const own = this.#hasUnnoted() ? this.#settings.noteConnection() : undefined;
    try {
      const console = await openConsole(onlyTo(this.#settings, to), this.#room, limits);
      this.#pods.set(to.address, { console, own });
    } catch (error) {
      own?.fail();
      throw error;
    }
  }

  #hasUnnoted(): boolean {
    return [...this.#pods.values()].some(({ own }) => own === undefined);
  }

  async #leave(address: string): Promise<void> {
    const pod = this.#pods.get(address);
    this.#pods.delete(address);
    await pod?.console.close();
    pod?.own?.end();
  }
}

/**
 * Calls the others off once one has failed, and waits until all have ended: one that came later
 * would be nobody's, and nobody would ever close it.
 */
async function allOrNone<T>(
  each: readonly T[],
  { timeoutMs, signal }: Limits,
  run: (one: T, limits: Limits) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const limits = { timeoutMs, signal: AbortSignal.any([signal, failed.signal]) };
  let reason: unknown;
  const ended = each.map(async (one) => {
    await run(one, limits).catch((error: unknown) => {
      if (!failed.signal.aborted) reason = error;
      failed.abort();
    });
  });
  await Promise.all(ended);
  if (failed.signal.aborted) throw reason;
}
