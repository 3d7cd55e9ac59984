// The follower of poolers: each pod of a live pool of PgBouncer is told its size on its own admin
// console, and what that has come to is noted for the decision on its server. The size is what the
// pod's annotation says, here as everywhere, so that there is one ledger. A pod is looked at when
// its annotation changes, every second until its pools have come down, and every few seconds then,
// because somebody's RELOAD undoes what a console was told. Consoles answer slowly or not at all,
// so a look has a time limit, a pod that fails is asked ever more rarely, and each namespace has
// only a few looks at a time.

import { namespaceOf } from "../api/keys.ts";
import { poolSizeLimit } from "../api/workload-entry.ts";
import type { ConsoleFacts, ServerKey } from "../domain/facts/facts.ts";
import type { ObservedPod } from "../observed.ts";
import type { Consoles } from "../console-port.ts";
import type { Clock, Log, Random } from "../ports.ts";
import { Backoff } from "../runtime/backoff.ts";
import { after, done, type Result } from "../runtime/result.ts";
import type { Caches } from "./caches.ts";
import type { ConsoleWords } from "./memory/console-words.ts";
import { type ConsoleEntry, consoleEntryOf, podsWithConsoles } from "./observe/console-entries.ts";
import type { ConsoleLogins } from "./resolve/console-logins.ts";
import type { PolicyBook } from "./resolve/policy-book.ts";
import { isSameValue } from "./same-value.ts";
import { poolSizeIn } from "./sizes/said-size.ts";

export interface ConsoleReconcilerParts {
  readonly caches: Caches;
  readonly book: PolicyBook;
  readonly consoles: Consoles;
  readonly logins: ConsoleLogins;
  readonly words: ConsoleWords;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** This process leads beyond doubt. */
  readonly mayWrite: () => boolean;
  readonly enqueueServer: (server: ServerKey) => void;
  /** Told how long what a console sent kept the only thread busy. */
  readonly tellBusy?: ((namespace: string, busyMs: number) => void) | undefined;
}

const lookAgainMs = 5_000;
/** Until its pools have come down to its size. */
const comingDownMs = 1_000;
/** Of thousands of pods of one namespace each is looked at less often. */
const shareOfLookMs = 100;
const failedRetry = { baseMs: 1_000, maxMs: 30_000 };

export class ConsoleReconciler {
  readonly #parts: ConsoleReconcilerParts;
  readonly #backoff: Backoff;

  constructor(parts: ConsoleReconcilerParts) {
    this.#parts = parts;
    this.#backoff = new Backoff({ random: parts.random, ...failedRetry });
  }

  /** Names of pods of a namespace that are to be looked at, or forgotten. */
  dueIn(namespace: string): readonly string[] {
    const known = [...this.#parts.words.names()].filter((name) => namespaceOf(name) === namespace);
    return [...new Set([...podsWithConsoles(namespace, this.#parts), ...known])];
  }

  /** `name`: of a pod, with its namespace. */
  async reconcile(name: string): Promise<Result> {
    const pod = this.#parts.caches.pods.get(name);
    // What it was found with counts until it is gone.
    if (pod?.terminating) return done;
    const entry = pod && consoleEntryOf(pod, this.#parts);
    if (!pod || !entry || pod.addresses.length === 0) return this.#forget(name);
    const before = this.#parts.words.factsOf(reference(pod));
    const failure = await this.#look(pod, entry);
    const pauseMs = failure ? this.#failed(pod, entry, failure) : this.#followed(pod, entry);
    this.#tellChange(pod, entry, before);
    return after(pauseMs);
  }

  #followed(pod: ObservedPod, entry: ConsoleEntry): number {
    this.#backoff.reset(pod.key);
    return this.#pauseMs(pod, entry);
  }

  #failed(pod: ObservedPod, entry: ConsoleEntry, { message: failure, told }: Failed): number {
    const { log, logins, words } = this.#parts;
    log.debug({ pod: pod.key, detail: failure }, "the pooler's console was not followed");
    logins.doubt(namespaceOf(pod.key), entry.console.secretRef);
    words.noteFailure(reference(pod), failure, told);
    return this.#backoff.nextMs(pod.key);
  }

  #forget(name: string): Result {
    this.#parts.words.forget(name);
    this.#backoff.reset(name);
    return done;
  }

  /** Why it could not be followed; undefined where it was. */
  async #look(pod: ObservedPod, entry: ConsoleEntry): Promise<Failed | undefined> {
    const { logins, consoles, words, clock, tellBusy } = this.#parts;
    const namespace = namespaceOf(pod.key);
    const login = await logins.of(namespace, entry.console.secretRef);
    if (login.kind === "problem") return { message: login.message };
    const told = toldTo(pod, entry);
    const { uri, ca } = login;
    const mayReconnect = words.mayReconnect(reference(pod), nowOf(clock));
    const mayChange = (): boolean => this.#isStillTold(pod, told);
    const [address = ""] = pod.addresses;
    const wish = { address, uri, ca, poolSize: told, mayReconnect, mayChange };
    const { busyMs, ...answer } = await consoles.follow(wish);
    tellBusy?.(namespace, busyMs);
    if (answer.kind === "failed") return { message: answer.message, told };
    words.note(reference(pod), { answer, told, now: nowOf(clock) });
    return undefined;
  }

  /** The size that was read is the pod's, and this process the one that may say so. */
  #isStillTold({ key, uid }: ObservedPod, told: number | undefined): boolean {
    const { caches, mayWrite } = this.#parts;
    const now = caches.pods.get(key);
    const isTold = now?.uid === uid && !now.terminating && now.poolSizeAnnotation === String(told);
    return isTold && mayWrite();
  }

  #pauseMs(pod: ObservedPod, entry: ConsoleEntry): number {
    const told = toldTo(pod, entry);
    const within = this.#parts.words.factsOf(reference(pod))?.within;
    const isDown = told === undefined || within?.poolSize === told;
    const share = this.#parts.words.countIn(namespaceOf(pod.key)) * shareOfLookMs;
    return Math.max(isDown ? lookAgainMs : comingDownMs, share);
  }

  #tellChange(pod: ObservedPod, { policy }: ConsoleEntry, before: ConsoleFacts | undefined): void {
    const { words, book, enqueueServer, log } = this.#parts;
    const now = words.factsOf(reference(pod));
    if (isSameValue(now, before)) return;
    const { undone } = now ?? {};
    if (undone && undone.atMs !== before?.undone?.atMs) {
      const fields = { pod: pod.key, found: undone.found };
      log.warn(fields, "somebody else has changed a pooler's size: set again");
    }
    const server = book.get(policy)?.server;
    if (server !== undefined) enqueueServer(book.canonical(server));
  }
}

/** A look that failed, and what it wished. */
interface Failed {
  readonly message: string;
  readonly told?: number | undefined;
}

function reference({ key, uid }: ObservedPod): { readonly name: string; readonly uid: string } {
  return { name: key, uid };
}

function nowOf(clock: Clock): { readonly nowMs: number; readonly monotonicMs: number } {
  return { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}

/** Undefined: it is only looked at. Its variable reads the same annotation when it starts. */
function toldTo(pod: ObservedPod, { mode }: ConsoleEntry): number | undefined {
  const { live, poolSizeAnnotation: text = "" } = pod;
  const poolSize = poolSizeIn(text);
  const isOurs = live === true && mode === "Enforce" && text === String(poolSize);
  return isOurs && poolSize !== undefined && poolSize <= poolSizeLimit ? poolSize : undefined;
}
