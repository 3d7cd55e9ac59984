// Live pools of a pooler. It has no follower of its own: the operator tells each pod its size on
// the pod's admin console, and the console says what has come of it. So more is known than of other
// pods. A size that somebody else's RELOAD has put back counts from the moment that it is found,
// whatever sessions there are, and no reading proves that a pod has left a size before its console
// has shown that each of its pools has. A pod that does not answer is not counted on: nobody gives
// way for it, nobody gets what it was told to give back, and it does not grow.

import type { AwayPod, PodFacts, PoolFacts } from "../facts/facts.ts";

/** A pooler that has run for so long answers, or does not. */
const answersWithinMs = 60_000;

/** Why no pod of it can be told another size, by its entry or by what the consoles say of modes. */
export function consoleObstacle(pool: PoolFacts): string | undefined {
  if (pool.console === undefined) return undefined;
  if (pool.console === "Lacking") {
    return `nobody tells PgBouncer its new size: set spec.workloads[${pool.entry}].console.secretRef to a Secret with the URI of a user in admin_users`;
  }
  if (pool.console === "Useless") {
    return "a pooler of this preset is sized by max_db_connections, to which it does not come down while it runs: remove resize: Live";
  }
  return sayFirst(pool, sessionMode) ?? sayFirst(pool, (pod) => ownSize(pod, pool));
}

function sayFirst(
  { pods }: PoolFacts,
  say: (pod: PodFacts) => string | undefined,
): string | undefined {
  const said = pods.filter(({ terminating }) => !terminating).map(say);
  return said.find((one) => one !== undefined);
}

function sessionMode({ name, console }: PodFacts): string | undefined {
  if (console?.sessionMode === undefined) return undefined;
  return (
    `pod ${name} is in session mode ${console.sessionMode}, where connections are given back only ` +
    "when clients leave: set pool_mode to transaction, or remove resize: Live"
  );
}

/** What is no more than every pod starts with is covered by its size. */
function ownSize({ name, console }: PodFacts, { sizing }: PoolFacts): string | undefined {
  const own = console?.ownSize;
  if (own === undefined || own.poolSize <= sizing.floor) return undefined;
  return (
    `on pod ${name}, ${own.where} has a size of its own (${own.poolSize} with its reserve), which default_pool_size does not change: ` +
    "remove pool_size there from pgbouncer.ini, or " +
    `raise poolSize.min to ${own.poolSize}`
  );
}

/** None of the consoles answers, and at least one of them should. */
export function noConsoleAnswers({ console, pods }: PoolFacts, nowMs: number): string | undefined {
  if (console !== "Followed" || pods.some(answers)) return undefined;
  const silent = pods.find((pod) => pod.console?.failure !== undefined && shouldAnswer(pod, nowMs));
  return silent && `no admin console answers: ${silent.console?.failure}`;
}

export function answers({ console }: PodFacts): boolean {
  return console !== undefined && console.failure === undefined;
}

function shouldAnswer({ terminating, createdAtMs }: PodFacts, nowMs: number): boolean {
  return !terminating && nowMs >= createdAtMs + answersWithinMs;
}

/** Undefined of a pod that can be told its size now. */
export function awayFrom(
  { console: followed }: PoolFacts,
  pod: PodFacts,
  nowMs: number,
): AwayPod | undefined {
  if (followed !== "Followed" || answers(pod)) return undefined;
  const why = pod.console?.failure;
  return why !== undefined && shouldAnswer(pod, nowMs) ? { why } : {};
}

export interface ConsoleTerms {
  /** No reading that was asked for before proves anything. */
  readonly dueMs: number;
  /** What it may open by its own word, whatever it was told; 0: no more than that. */
  readonly poolSize: number;
  /** It was found with this, and has to prove that it has left it. */
  readonly exceeded: number;
}

/** Of a pod that is not followed on a console nothing is known beside its sessions. */
export function consoleTerms(
  { console: followed }: PoolFacts,
  { console, live }: PodFacts,
): ConsoleTerms {
  if (followed !== "Followed") return { dueMs: -Infinity, poolSize: 0, exceeded: 0 };
  const { within, failure, exceeded = 0 } = console ?? {};
  const isKnown = failure === undefined && live !== undefined;
  const isWithin = isKnown && within !== undefined && within.poolSize <= live.size;
  const poolSize = largestSaid(console);
  return { dueMs: isWithin ? within.sinceMs : Infinity, poolSize, exceeded };
}

/** Of its pools, those of a size of their own among them. */
function largestSaid(said: PodFacts["console"]): number {
  return said ? Math.max(said.poolSize, said.ownSize?.poolSize ?? 0) : 0;
}
