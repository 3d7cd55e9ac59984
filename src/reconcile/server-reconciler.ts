// The heart of the operator: for one database server, observe → plan → apply → report. One key per
// server and one worker per key, so that a budget is never divided by two decisions at once.
// Reconcilers hold no arithmetic: that is plan's.

import type { PolicyKey, ServerKey, Snapshot } from "../domain/facts/facts.ts";
import { plan, type Plan } from "../domain/decide/plan.ts";
import type { Clock, Log, Metrics } from "../ports.ts";
import { after, done, type Result, soonest } from "../runtime/result.ts";
import { apply, type Applied, type Applier } from "./apply/apply.ts";
import { type FailureMemories, PassingFailures } from "./apply/attempts.ts";
import { areSynced, workloadNamed } from "./caches.ts";
import { type ActsWanted, noActs } from "./apply/acts-of-now.ts";
import { refusedByOverfull } from "./apply/overfull-status.ts";
import { canAsk, isCurrent } from "./resolve/policy-book.ts";
import { ContestedActs } from "./memory/contested-acts.ts";
import { StartupGate } from "./resolve/startup-gate.ts";
import { ForgetGone } from "./memory/forget-gone.ts";
import { rememberedServer } from "./resolve/server-changes.ts";
import { observe } from "./observe/observe.ts";
import type { Observer } from "./observe/observe-namespace.ts";
import type { Rereads } from "./memory/rereads.ts";
import { evictionFrom, Refusals, rollOf, statusOf } from "./memory/refusals.ts";
import { keepRules, report, type Reporter } from "./report/report.ts";
import { SettledDecisions } from "./memory/settled-decisions.ts";

export interface ServerReconcilerParts {
  readonly observer: Omit<Observer, "refusedRollOf" | "refusedEvictionOf">;
  readonly applier: Omit<Applier, keyof FailureMemories | "isCurrent" | "decideAgain">;
  readonly reporter: Reporter;
  readonly rereads: Rereads;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Of one run: its log carries the run's id; aborted means that no further write is begun. */
export interface RunContext {
  readonly log: Log;
  readonly signal: AbortSignal;
}

const notSyncedRetryMs = 500;
/** For how long an edit of one policy holds up its neighbours. */
const editsMs = 2_000;
/** Until the statuses say what was noted, or taken back, after they were written. */
const unsaidRetryMs = 1_000;

export class ServerReconciler {
  readonly #parts: ServerReconcilerParts;
  readonly #plans = new Map<ServerKey, Plan>();
  readonly #busyMs = new Map<ServerKey, number>();
  readonly #settled = new SettledDecisions();
  readonly #failed: FailureMemories = {
    refusals: new Refusals(),
    passing: new PassingFailures(),
    contested: new ContestedActs(),
  };
  readonly #startupGate: StartupGate;
  /** Since when a policy of a server says something else than what is known of it. */
  readonly #editedSinceMs = new Map<ServerKey, number>();
  readonly #forgetGone: ForgetGone;

  constructor(parts: ServerReconcilerParts) {
    this.#parts = parts;
    this.#startupGate = new StartupGate(parts.clock);
    this.#forgetGone = new ForgetGone(parts.clock);
  }

  /** The latest decision on each server, for the gauges. */
  get plans(): ReadonlyMap<ServerKey, Plan> {
    return this.#plans;
  }

  /** How long the latest look at a server has kept everybody else waiting, about. */
  busyMs(server: ServerKey): number {
    return this.#busyMs.get(server) ?? 0;
  }

  async reconcile(server: ServerKey, run: RunContext): Promise<Result> {
    this.#busyMs.delete(server);
    const { observer, reporter, rereads, clock } = this.#parts;
    const members = observer.book.of(server);
    this.#forgetWhatIsGone();
    if (members.length === 0) return this.#forget(server);
    if (!this.#isKnown(server)) return after(notSyncedRetryMs);
    const isRead = members.some(canAsk);
    // The first reading wakes us: deciding without it would only say that nothing is known.
    if (isRead && !observer.readings.wasAttempted(server)) return done;

    const snapshot = await this.#timed("observe", server, () => this.#observe(server));
    if (this.#awaitsEdits(server)) return after(notSyncedRetryMs);
    const said = notesText(reporter, snapshot);
    const settled = this.#settled.on(snapshot, clock.nowMs());
    const result = settled ? await this.#keep(settled, run.log) : await this.#decide(snapshot, run);
    rereads.want(server, this.#plans.get(server)?.readAgain);
    const isSaid = said === notesText(reporter, snapshot);
    return soonest(result, isSaid ? done : after(unsaidRetryMs));
  }

  /** No policy stands there any more. */
  #forget(server: ServerKey): Result {
    const { observer, metrics } = this.#parts;
    this.#plans.delete(server);
    this.#settled.forget(server);
    observer.served.forget(server);
    this.#failed.passing.forget(server);
    this.#editedSinceMs.delete(server);
    // A decision that was under way has counted once more.
    if (observer.book.readersOf(server).length === 0) metrics.forgetServer(server);
    return done;
  }

  async #decide(snapshot: Snapshot, { log, signal }: RunContext): Promise<Result> {
    const { applier, observer, clock } = this.#parts;
    const { server } = snapshot;
    const decision = await this.#timed("plan", server, () => plan(snapshot, clock.nowMs()));
    this.#plans.set(decision.server, decision);
    const applied = await this.#timed("apply", server, () =>
      apply({ ...applier, ...this.#bounds(decision.server) }, decision, signal),
    );
    // What was decided and not done was its namespace's turn all the same.
    const acts = signal.aborted ? applied : decision.rolls;
    observer.served.note(decision.server, acts, clock.nowMs());
    if (signal.aborted) this.#settled.forget(decision.server);
    else this.#settled.note(decision, applied);
    const again = await this.#timed("report", server, () => this.#report(decision, applied));
    logOutcome(log, decision, applied);
    return soonest(nextResult(decision, applied), again);
  }

  #bounds(server: ServerKey): FailureMemories & Pick<Applier, "isCurrent" | "decideAgain"> {
    const isCurrent: Applier["isCurrent"] = (policy) => this.#isCurrent(policy);
    return { ...this.#failed, isCurrent, decideAgain: () => this.#actsOn(server) };
  }

  /** By the facts of now; none while somebody's edit is not looked at yet. */
  async #actsOn(server: ServerKey): Promise<ActsWanted> {
    const snapshot = await this.#observe(server);
    if (!this.#isKnown(server) || this.#awaitsEdits(server)) return noActs;
    return plan(snapshot, this.#parts.clock.nowMs()).rolls;
  }

  async #report(decision: Plan, applied: Applied): Promise<Result> {
    this.#noteOtherWriters(decision);
    return againAfter(await report(this.#parts.reporter, decision, applied));
  }

  /** No fact has changed since this was decided, and nothing of it was left to do. */
  async #keep(settled: Plan, log: Log): Promise<Result> {
    this.#plans.set(settled.server, settled);
    this.#noteOtherWriters(settled);
    const again = againAfter(await keepRules(this.#parts.reporter, settled));
    log.debug({ server: settled.server }, "decided before");
    return soonest(nextResult(settled, { retryAfterMs: undefined }), again);
  }

  #noteOtherWriters({ snapshot, nowMs }: Plan): void {
    const { applier, reporter } = this.#parts;
    for (const { key } of snapshot.policies) {
      reporter.notes.set(key, "another writer", applier.written.findingOf(key, nowMs));
    }
  }

  #forgetWhatIsGone(): void {
    const { observer, applier, reporter } = this.#parts;
    const { book, caches, statuses, templates, pastRolls, grantSettlement, doubtful } = observer;
    const { pastEvictions, absences, admissionAbsences } = observer;
    const { notes, rules } = reporter;
    const { contested } = this.#failed;
    const ofWorkloads = [contested, templates, pastEvictions, absences];
    const ofPolicies = [notes, rules, statuses, doubtful, admissionAbsences];
    const ofPools = [grantSettlement, pastRolls];
    this.#forgetGone.run({ ofPolicies, ofWorkloads, ofPools }, caches);
    for (const policy of applier.written.policies()) {
      if (!book.get(policy)) applier.written.forget(policy);
    }
    for (const write of this.#failed.refusals.writes()) {
      const object =
        write.what === "status" ? book.get(write.key) : workloadNamed(caches, write.key);
      if (!object) this.#failed.refusals.forget(write);
    }
  }

  /**
   * A status that is built from the spec before the latest edit would be written on top of it, with
   * grants that nobody asks for any more. So an edit is waited for, but not for long: of a policy
   * that is edited without end no status is written, and its neighbours are decided all the same.
   */
  #awaitsEdits(server: ServerKey): boolean {
    const { book } = this.#parts.observer;
    if (book.of(server).every(({ key }) => this.#isCurrent(key))) {
      this.#editedSinceMs.delete(server);
      return false;
    }
    const nowMs = this.#parts.clock.monotonicMs();
    const sinceMs = this.#editedSinceMs.get(server) ?? nowMs;
    this.#editedSinceMs.set(server, sinceMs);
    return nowMs - sinceMs < editsMs;
  }

  #isCurrent(key: PolicyKey): boolean {
    const { book, caches } = this.#parts.observer;
    const known = book.get(key);
    return known !== undefined && isCurrent(known, caches.policies.get(key));
  }

  #isKnown(server: ServerKey): boolean {
    const { observer } = this.#parts;
    if (!areSynced(observer.caches)) return false;
    const known = { ...observer, policies: observer.caches.policies.values() };
    return this.#startupGate.isOver(known) && !isUnseenOn(server, observer);
  }

  #observe(server: ServerKey): Promise<Snapshot> {
    const { observer, clock } = this.#parts;
    const nowMs = clock.nowMs();
    // A roll counts on the grants in the policy's status, so it waits for them.
    const refusedRollOf: Observer["refusedRollOf"] = (workload, policy) =>
      this.#failed.refusals.lately(rollOf(workload), nowMs) ??
      this.#failed.refusals.lately(statusOf(policy), nowMs) ??
      this.#failed.contested.lately(workload.key, nowMs) ??
      refusedByOverfull(policy, nowMs);
    const refusedEvictionOf: Observer["refusedEvictionOf"] = (workload) =>
      this.#failed.refusals.lately(evictionFrom(workload), nowMs) ??
      this.#failed.contested.lately(workload.key, nowMs);
    const now = { nowMs, monotonicMs: clock.monotonicMs() };
    return observe({ ...observer, refusedRollOf, refusedEvictionOf }, server, now);
  }

  /** Until a step first waits for something, nobody else goes on. */
  async #timed<T>(step: string, server: ServerKey, run: () => T | Promise<T>): Promise<T> {
    const { clock, metrics } = this.#parts;
    const startMs = clock.monotonicMs();
    try {
      const running = run();
      this.#busyMs.set(server, this.busyMs(server) + clock.monotonicMs() - startMs);
      return await running;
    } finally {
      const seconds = (clock.monotonicMs() - startMs) / 1000;
      metrics.observe("poolwarden_reconcile_step_seconds", seconds, { step });
    }
  }
}

function againAfter(delayMs: number | undefined): Result {
  return delayMs === undefined ? done : after(delayMs);
}

function notesText({ notes }: Reporter, { policies }: Snapshot): string {
  return JSON.stringify(policies.map(({ key }) => notes.of(key)));
}

/** A policy that nobody has looked at yet has granted something there, as its status says. */
function isUnseenOn(
  server: ServerKey,
  { caches, book }: ServerReconcilerParts["observer"],
): boolean {
  return [...caches.policies.values()].some((policy) => {
    if (policy.deleting || book.hasSeen(policy.key)) return false;
    const stands = rememberedServer(policy);
    return stands !== undefined && book.canonical(stands) === server;
  });
}

function logOutcome(log: Log, decision: Plan, applied: Applied): void {
  const { statuses, roll, eviction, failures } = applied;
  const fields = {
    server: decision.server,
    budgetSlots: decision.budgetSlots,
    usedSlots: decision.exposure.slots,
    workloads: decision.positions.length,
    statusWrites: statuses.length,
  };
  log.debug(fields, "decided");
  if (roll) {
    const { poolSize, position } = roll;
    log.info({ ...fields, workload: position.workload.key, poolSize }, "rollout started");
  }
  if (eviction) log.info({ ...fields, pod: eviction.pod.name }, "pod evicted");
  for (const { what, policy, failure } of failures) {
    const { kind, message: detail } = failure;
    const problem = { server: decision.server, policy: policy.key, what, kind, detail };
    if (failure.kind === "conflict") log.debug(problem, "written by somebody else meanwhile");
    else log.warn(problem, "a write did not go through");
  }
}

function nextResult(
  { recheckAfterMs }: Plan,
  { retryAfterMs }: Pick<Applied, "retryAfterMs">,
): Result {
  const delays = [recheckAfterMs, retryAfterMs].filter((delayMs) => delayMs !== undefined);
  return soonest(...delays.map(after));
}
