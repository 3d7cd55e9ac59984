// The heart of the operator: for one database server, observe → plan → apply → report. One key per
// server and one worker per key, so that a budget is never divided by two decisions at once.
// Servers that share pools are a unit, under the key of the first one. All arithmetic is plan's.

import type { PolicyKey, ServerKey, Snapshot } from "../domain/facts/facts.ts";
import type { Plan } from "../domain/decide/plan.ts";
import { planUnit } from "../domain/decide/plan-unit.ts";
import { inWriteOrder } from "../domain/decide/write-order.ts";
import type { Clock, Log, Metrics } from "../ports.ts";
import { after, done, type Result, soonest } from "../runtime/result.ts";
import { apply, type Applied, type Applier } from "./apply/apply.ts";
import { type FailureMemories, PassingFailures } from "./apply/attempts.ts";
import { areSynced, workloadNamed } from "./caches.ts";
import { type ActsWanted, noActs } from "./apply/acts-of-now.ts";
import { PodTime } from "./apply/pod-time.ts";
import { refusedByOverfull } from "./apply/overfull-status.ts";
import { isNobodys, isUnseenOn, isYetToBeRead } from "./known-servers.ts";
import { againAfter, logOutcome, nextResult, notesText } from "./outcome.ts";
import { isCurrent } from "./resolve/policy-book.ts";
import { AwaitedEdits } from "./memory/awaited-edits.ts";
import { ContestedActs } from "./memory/contested-acts.ts";
import { StartupGate } from "./resolve/startup-gate.ts";
import { ForgetGone } from "./memory/forget-gone.ts";
import { GrowthHolds } from "./memory/growth-holds.ts";
import { observe } from "./observe/observe.ts";
import type { Observer } from "./observe/observe-namespace.ts";
import { ServersInHand } from "./memory/servers-in-hand.ts";
import type { Rereads } from "./memory/rereads.ts";
import { evictionFrom, Refusals, rollOf, statusOf } from "./memory/refusals.ts";
import { noteOtherWriters } from "./report/other-writers.ts";
import { keepRules, report, type Reporter } from "./report/report.ts";
import { isSameValue } from "./same-value.ts";
import { SettledDecisions } from "./memory/settled-decisions.ts";

export interface ServerReconcilerParts {
  readonly observer: Omit<Observer, "refusedRollOf" | "refusedEvictionOf">;
  readonly applier: Omit<Applier, keyof FailureMemories | "isCurrent" | "decideAgain">;
  readonly reporter: Reporter;
  readonly rereads: Rereads;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Wakes the decision of a server. */
  readonly enqueueServer: (server: ServerKey) => void;
}

/** Its log carries the run's id; aborted: no further write is begun. */
export interface RunContext {
  readonly log: Log;
  readonly signal: AbortSignal;
}

type Times = Pick<Applier, "decidedAtMs" | "podTime">;

const notSyncedRetryMs = 500;
/** Until the statuses say what was noted after they were written. */
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
    growth: new GrowthHolds(),
  };
  readonly #startupGate: StartupGate;
  readonly #deciding = new ServersInHand();
  readonly #edits: AwaitedEdits;
  readonly #forgetGone: ForgetGone;

  constructor(parts: ServerReconcilerParts) {
    this.#parts = parts;
    this.#startupGate = new StartupGate(parts.clock);
    this.#forgetGone = new ForgetGone(parts.clock);
    this.#edits = new AwaitedEdits(parts.clock);
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
    const { book } = this.#parts.observer;
    this.#forgetWhatIsGone();
    if (isNobodys(server, book)) return this.#forget(server);
    const unit = book.unitOf(server);
    const [lead = server] = unit;
    if (lead !== server) {
      this.#parts.enqueueServer(lead);
      return done;
    }
    // A unit that has just grown has servers that another run is still deciding on.
    if (!this.#deciding.begin(unit)) return after(notSyncedRetryMs);
    try {
      return await this.#reconcileUnit(unit, run);
    } finally {
      this.#deciding.end(unit);
    }
  }

  async #reconcileUnit(unit: readonly ServerKey[], run: RunContext): Promise<Result> {
    const { observer, reporter, rereads, clock } = this.#parts;
    const [lead = ""] = unit;
    if (!unit.every((server) => this.#isKnown(server))) return after(notSyncedRetryMs);
    // The first reading wakes us.
    if (unit.every((server) => isYetToBeRead(server, observer))) return done;

    const snapshots = await this.#timed("observe", lead, () => this.#observe(unit));
    const areEdited = this.#awaitsEdits(unit);
    if (this.#isOther(unit) || areEdited) return after(notSyncedRetryMs);
    const said = notesText(reporter, snapshots);
    const nowMs = clock.nowMs();
    const settled = snapshots.flatMap((one) => this.#settled.on(one, nowMs, unit) ?? []);
    const isSettled = settled.length === snapshots.length;
    const result = isSettled
      ? await this.#keep(settled, run.log)
      : await this.#decide(snapshots, run);
    for (const server of unit) rereads.want(server, this.#plans.get(server)?.readAgain);
    const isSaid = said === notesText(reporter, snapshots);
    return soonest(result, isSaid ? done : after(unsaidRetryMs));
  }

  /** What was seen has tied other servers to these, or they are decided on apart from now on. */
  #isOther(unit: readonly ServerKey[]): boolean {
    const isOther = !isSameValue(this.#parts.observer.book.unitOf(unit[0] ?? ""), unit);
    for (const server of isOther ? unit : []) this.#parts.enqueueServer(server);
    return isOther;
  }

  /** No policy stands there any more. */
  #forget(server: ServerKey): Result {
    const { observer, metrics } = this.#parts;
    this.#plans.delete(server);
    this.#settled.forget(server);
    observer.served.forget(server);
    observer.use.forgetServer(server);
    observer.live.forgetServer(server);
    this.#failed.passing.forget(server);
    this.#failed.growth.forget(server);
    this.#edits.forget(server);
    // A decision that was under way has counted once more.
    if (observer.book.readersOf(server).length === 0) metrics.forgetServer(server);
    return done;
  }

  async #decide(snapshots: readonly Snapshot[], run: RunContext): Promise<Result> {
    const { clock } = this.#parts;
    const servers = snapshots.map(({ server }) => server);
    const [lead = ""] = servers;
    const plans = await this.#timed("plan", lead, () => planUnit(snapshots, clock.nowMs()));
    for (const decision of plans) this.#plans.set(decision.server, decision);
    const podTime = new PodTime(clock, servers.length);
    const decided = { servers, decidedAtMs: clock.monotonicMs(), podTime };
    const applied = new Map<Plan, Applied>();
    for (const decision of inWriteOrder(plans)) {
      applied.set(decision, await this.#carryOut(decision, decided, run));
    }
    // All at once: each of them waits for its events.
    const told = await this.#timed("report", lead, () =>
      Promise.all([...applied].map(([decision, one]) => this.#report(decision, one))),
    );
    return soonest(...told);
  }

  async #carryOut(
    decision: Plan,
    { servers, ...times }: Times & { readonly servers: readonly ServerKey[] },
    { log, signal }: RunContext,
  ): Promise<Applied> {
    const { applier, observer, clock } = this.#parts;
    const { server } = decision;
    const [lead = server] = servers;
    const applied = await this.#timed("apply", lead, () =>
      apply({ ...applier, ...this.#bounds(server, servers), ...times }, decision, signal),
    );
    // What was decided and not done was its namespace's turn all the same.
    const acts = signal.aborted ? applied : decision.rolls;
    observer.served.note(server, acts, clock.nowMs());
    if (signal.aborted) this.#settled.forget(server);
    else this.#settled.note(decision, applied);
    logOutcome(log, decision, applied);
    return applied;
  }

  #bounds(
    server: ServerKey,
    unit: readonly ServerKey[],
  ): FailureMemories & Pick<Applier, "isCurrent" | "decideAgain"> {
    const isCurrent: Applier["isCurrent"] = (policy) => this.#isCurrent(policy);
    return { ...this.#failed, isCurrent, decideAgain: () => this.#actsOn(server, unit) };
  }

  /** By the facts of now; none while somebody's edit is not looked at yet. */
  async #actsOn(server: ServerKey, unit: readonly ServerKey[]): Promise<ActsWanted> {
    const snapshots = await this.#observe(unit);
    const isAsBefore = isSameValue(this.#parts.observer.book.unitOf(server), unit);
    const areKnown = unit.every((one) => this.#isKnown(one)) && !this.#awaitsEdits(unit);
    if (!isAsBefore || !areKnown) return noActs;
    const plans = planUnit(snapshots, this.#parts.clock.nowMs());
    return plans.find((one) => one.server === server)?.rolls ?? noActs;
  }

  async #report(decision: Plan, applied: Applied): Promise<Result> {
    noteOtherWriters(this.#parts, decision);
    const again = againAfter(await report(this.#parts.reporter, decision, applied));
    return soonest(nextResult(decision, applied), again);
  }

  /** No fact has changed since this was decided, and nothing of it was left to do. */
  async #keep(settled: readonly Plan[], log: Log): Promise<Result> {
    const results = settled.map(async (one) => {
      this.#plans.set(one.server, one);
      noteOtherWriters(this.#parts, one);
      const again = againAfter(await keepRules(this.#parts.reporter, one));
      log.debug({ server: one.server }, "decided before");
      return soonest(nextResult(one, { retryAfterMs: undefined }), again);
    });
    return soonest(...(await Promise.all(results)));
  }

  #forgetWhatIsGone(): void {
    const { observer, applier, reporter } = this.#parts;
    const { book, caches, statuses, templates, pastRolls, grantSettlement, doubtful } = observer;
    const { pastEvictions, absences, admissionAbsences, use } = observer;
    const { notes, rules } = reporter;
    const { contested } = this.#failed;
    const ofWorkloads = [contested, templates, pastEvictions, absences];
    const ofPolicies = [notes, rules, statuses, doubtful, admissionAbsences, use.sayings];
    const ofPools = [grantSettlement, pastRolls, use];
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

  #awaitsEdits(unit: readonly ServerKey[]): boolean {
    const { book } = this.#parts.observer;
    const members = unit.flatMap((server) => book.of(server));
    return this.#edits.areAwaited(unit, !members.every(({ key }) => this.#isCurrent(key)));
  }

  #isCurrent(key: PolicyKey): boolean {
    const { book, caches } = this.#parts.observer;
    const known = book.get(key);
    return known !== undefined && isCurrent(known, caches.policies.get(key));
  }

  #isKnown(server: ServerKey): boolean {
    const { observer } = this.#parts;
    const known = { ...observer, policies: observer.caches.policies.values() };
    const isSynced = areSynced(observer.caches);
    return isSynced && this.#startupGate.isOver(known) && !isUnseenOn(server, observer);
  }

  #observe(unit: readonly ServerKey[]): Promise<readonly Snapshot[]> {
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
    return observe({ ...observer, refusedRollOf, refusedEvictionOf }, unit, now);
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
