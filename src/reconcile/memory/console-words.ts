// What the admin consoles of poolers' pods have said, for the decisions on their pools. One failed
// look says little, and one look at which somebody was just changing the configuration may say
// something wrong, so both have to be seen again. That a pod came down to its size stays so until
// it is found with a larger one. Nothing of it outlives the process: a new one asks again.

import type { ConsoleFacts, PodFacts, PoolFacts } from "../../domain/facts/facts.ts";
import type { ConsoleAnswer } from "../../console-port.ts";
import type { Now } from "./fleet-addresses.ts";

/** In a row; until then what a pod said before is believed. */
const failuresMax = 3;
/** Whoever looks at the policy every few minutes sees it. */
const undoneToldMs = 600_000;
/** What is in use for longer keeps its pool large, and more asking changes nothing. */
const reconnectPauseMs = 60_000;

/** A pod, by its name and uid. */
type Pod = Pick<PodFacts, "name" | "uid">;

/** A look that was answered. */
export interface ConsoleLook {
  readonly answer: ConsoleAnswer;
  /** What its pools were to have; undefined: it was only looked at. */
  readonly told: number | undefined;
  /** When it was answered. */
  readonly now: Now;
}

interface Word {
  readonly facts: ConsoleFacts;
  readonly failures: number;
  /** The size that it was last seen to have, after it was told so. */
  readonly taken?: number;
  readonly reconnectedAtMs?: number;
  /** By the monotonic clock. */
  readonly undoneAtMs?: number;
  /** The latest look has shown one, and the one before it has not. */
  readonly hadOwnSize?: boolean;
}

export class ConsoleWords {
  /** By the pod's uid. */
  readonly #words = new Map<string, Word>();
  /** By the pod's name: a new pod may have the one of an old one. */
  readonly #uids = new Map<string, string>();

  /** Names of pods. */
  names(): Iterable<string> {
    return this.#uids.keys();
  }

  /** Pods of a namespace. */
  countIn(namespace: string): number {
    const prefix = `${namespace}/`;
    return [...this.#uids.keys()].filter((name) => name.startsWith(prefix)).length;
  }

  forget(name: string): void {
    this.#words.delete(this.#uids.get(name) ?? "");
    this.#uids.delete(name);
  }

  factsOf({ uid }: Pod): ConsoleFacts | undefined {
    return this.#words.get(uid)?.facts;
  }

  note(pod: Pod, look: ConsoleLook): void {
    this.#set(pod, wordAfter(this.#words.get(pod.uid), look));
  }

  /** `told`: what its pools were to have. A SET may have arrived although no answer came. */
  noteFailure(pod: Pod, message: string, told?: number): void {
    const last = this.#words.get(pod.uid);
    const failures = (last?.failures ?? 0) + 1;
    const facts = withoutProofOfLess(last?.facts ?? { poolSize: 0 }, told);
    const isTold = facts.poolSize === 0 || failures >= failuresMax;
    this.#set(pod, { ...last, facts: isTold ? { ...facts, failure: message } : facts, failures });
  }

  #set({ name, uid }: Pod, word: Word): void {
    if (this.#uids.get(name) !== uid) this.forget(name);
    this.#uids.set(name, uid);
    this.#words.set(uid, word);
  }

  /** They were not asked to give connections back lately. */
  mayReconnect(pod: Pod, { monotonicMs }: Now): boolean {
    const { reconnectedAtMs = -Infinity } = this.#words.get(pod.uid) ?? {};
    return monotonicMs >= reconnectedAtMs + reconnectPauseMs;
  }

  /** By a reading that was asked for then it has left what it was found with. */
  noteProof(uid: string, askedAtMs: number): void {
    const last = this.#words.get(uid);
    const { exceeded, ...facts } = last?.facts ?? { poolSize: 0 };
    const isLater = facts.within !== undefined && askedAtMs >= facts.within.sinceMs;
    if (last && exceeded !== undefined && isLater) this.#words.set(uid, { ...last, facts });
  }

  /** Pools with what is known of their pods; the same where nothing is. */
  within(pools: readonly PoolFacts[], now: Now): readonly PoolFacts[] {
    if (this.#words.size === 0) return pools;
    return pools.map((pool) => {
      if (pool.console !== "Followed") return pool;
      return { ...pool, pods: pool.pods.map((pod) => this.#withWord(pod, now)) };
    });
  }

  #withWord(pod: PodFacts, { monotonicMs }: Now): PodFacts {
    const last = this.#words.get(pod.uid);
    if (!last) return pod;
    const { undone, ...others } = last.facts;
    const isTold = monotonicMs < (last.undoneAtMs ?? -Infinity) + undoneToldMs;
    return { ...pod, console: undone && isTold ? { ...others, undone } : others };
  }
}

function withoutProofOfLess(facts: ConsoleFacts, told: number | undefined): ConsoleFacts {
  const { within, ...others } = facts;
  const isMore = within !== undefined && told !== undefined && told > within.poolSize;
  return isMore ? others : facts;
}

function wordAfter(last: Word | undefined, look: ConsoleLook): Word {
  const { answer, told } = look;
  const { undone, ...others } = undoneAfter(last, look);
  const sizes = { ...sizesAfter(last?.facts, look), ...ownSizeAfter(last, answer) };
  return {
    ...{ facts: { ...sizes, ...(undone && { undone }) }, failures: 0 },
    ...others,
    ...reconnectAfter(last, look),
    hadOwnSize: answer.ownSize !== undefined,
    ...(told !== undefined && answer.poolSize === told && { taken: told }),
  };
}

function undoneAfter(
  last: Word | undefined,
  { answer: { foundSize: found }, told, now }: ConsoleLook,
): Pick<Word, "undoneAtMs"> & Pick<ConsoleFacts, "undone"> {
  // A container that was restarted has read the size that it is told now.
  const isPutBack = last?.taken !== undefined && found !== last.taken && found !== told;
  if (isPutBack) return { undone: { atMs: now.nowMs, found }, undoneAtMs: now.monotonicMs };
  const { undoneAtMs, facts } = last ?? {};
  if (undoneAtMs === undefined || !facts?.undone) return {};
  return { undone: facts.undone, undoneAtMs };
}

/** A pool that has a new size to come down to may be asked at once. */
function reconnectAfter(
  last: Word | undefined,
  { answer, told, now }: ConsoleLook,
): Pick<Word, "reconnectedAtMs"> {
  if (answer.reconnected) return { reconnectedAtMs: now.monotonicMs };
  const { taken, reconnectedAtMs } = last ?? {};
  return taken === told && reconnectedAtMs !== undefined ? { reconnectedAtMs } : {};
}

function sizesAfter(before: ConsoleFacts | undefined, look: ConsoleLook): ConsoleFacts {
  const { foundSize, poolSize, sessionMode } = look.answer;
  const isLarger = look.told !== undefined && foundSize > look.told;
  const within = withinAfter(isLarger ? undefined : before, look);
  const exceeded = Math.max(before?.exceeded ?? 0, isLarger ? foundSize : 0);
  return {
    poolSize,
    ...(within && { within }),
    ...(exceeded > 0 && { exceeded }),
    ...(sessionMode !== undefined && { sessionMode }),
  };
}

function withinAfter(
  before: ConsoleFacts | undefined,
  { answer: { poolSize, openMost }, told, now }: ConsoleLook,
): ConsoleFacts["within"] {
  if (told === undefined) return undefined;
  if (before?.within?.poolSize === told) return before.within;
  const isDown = poolSize <= told && openMost <= told;
  return isDown ? { poolSize: told, sinceMs: now.monotonicMs } : undefined;
}

/** One that is what the others have just now cannot be told from them: what was seen stays so. */
function ownSizeAfter(
  last: Word | undefined,
  { ownSize, foundSize }: ConsoleAnswer,
): Pick<ConsoleFacts, "ownSize"> {
  const known = last?.facts.ownSize;
  if (ownSize) return known || last?.hadOwnSize === true ? { ownSize } : {};
  return known?.poolSize === foundSize ? { ownSize: known } : {};
}
