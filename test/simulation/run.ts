// One run: build the fleet, let everything happen that the scenario has, then let all be well and
// see that the fleet comes to rest, in a state that the operator tells truly, and that a further
// hour writes nothing. The same scenario gives the same run, byte for byte.

import { type PoolKey, workloadOfPool } from "../../src/api/keys.ts";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { seededRandom } from "../support/prng.ts";
import { isTooFull } from "./acts.ts";
import { deeds } from "./deeds.ts";
import { buildFleet, namespace, policySpec, setTimes } from "./fleet.ts";
import { Judge, type Violation } from "./judge.ts";
import { calm, type Conditions } from "./network.ts";
import { Operators } from "./operators.ts";
import { sum } from "./oracle.ts";
import type { Scenario } from "./scenario.ts";
import { heldByUse, rowsByWorkload, wantedSlots } from "./rows.ts";
import { Stage } from "./stage.ts";
import { conditionOf, isManagedByNobody, lockedOut, serversTold, toldOf } from "./told.ts";
import { clockText, SimulatedTime } from "./time.ts";
import { Truth } from "./truth.ts";
import { World } from "./world/world.ts";

export interface Outcome {
  readonly scenario: Scenario;
  readonly simulatedMs: number;
  readonly violation: Violation | undefined;
  /** What happened, in order; the last lines only. */
  readonly history: readonly string[];
  /** Of the whole history: equal for equal runs. */
  readonly digest: string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** After the last fault the fleet is at rest within this time. */
export const convergenceLimitMs = 3 * hourMs;
/** Somebody who put our entries back often is given way for longer each time, up to a day. */
const givingWayLimitMs = 27 * hourMs;
/** poolSize.max where nothing is said. */
const poolSizeMax = 50;
const reviewEveryMs = 15_000;
const linesKept = 4_000;

/** `show` is given the world before anything happens in it. */
export async function simulate(
  scenario: Scenario,
  show: (world: World) => void = () => undefined,
): Promise<Outcome> {
  const run = new Run(scenario);
  show(run.world);
  await run.faults();
  if (!run.judge.violation) await run.rest();
  return run.outcome();
}

class Run {
  readonly #scenario: Scenario;
  readonly #time = new SimulatedTime();
  readonly #startMs = this.#time.nowMs();
  readonly #world: World;
  readonly #truth: Truth;
  readonly #stage: Stage;
  readonly #operators: Operators;
  readonly #conditions: Conditions = { ...calm };
  #history: string[] = [];
  #digest = 0x811c9dc5;
  #lastWriteMs = 0;
  readonly judge: Judge;

  get world(): World {
    return this.#world;
  }

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { fleet, seed } = scenario;
    const time = this.#time;
    const random = seededRandom(seed ^ 0x5f3759df);
    this.#world = new World({ clock: time, random });
    setTimes(this.#world, fleet);
    // Every status is of one make; a sample of them is enough for the schema.
    this.#world.policies.validateEvery = 10;
    this.#truth = new Truth(this.#world, fleet);
    this.judge = new Judge(this.#truth, time);
    const world = this.#world;
    const { judge } = this;
    this.#operators = new Operators({
      ...{ time, random, world, judge },
      conditions: this.#conditions,
      settings: { ...fleet, admissionWarmUpMs: 35_000, mayResize: true },
      tell: (line) => {
        this.#tell(line);
      },
    });
    this.#stage = new Stage({
      ...{ time, world, judge, fleet },
      truth: this.#truth,
      operators: this.#operators,
      conditions: this.#conditions,
      specs: fleet.policies.map((policy, index) => policySpec(fleet, index, policy)),
    });
    world.onWrite = ({ client, verb }) => {
      if (client !== undefined && verb !== "event") this.#lastWriteMs = time.nowMs();
    };
    buildFleet(world, fleet);
  }

  async faults(): Promise<void> {
    this.#operators.start(this.#scenario.fleet.operators);
    this.#review();
    for (const event of this.#scenario.events) {
      this.#time.after(event.atMs, () => {
        this.#tell(
          `${event.deed} #${event.which} ${event.amount.toFixed(3)} for ${event.forMs} ms`,
        );
        this.judge.noteDeed();
        deeds[event.deed](this.#stage, event);
      });
    }
    await this.#runUntil(this.#startMs + this.#scenario.faultsMs);
  }

  /** From now on nothing happens but what has to. */
  async rest(): Promise<void> {
    this.#tell("all is well from now on");
    this.judge.goBeyondPlan();
    this.#stage.endEverything();
    Object.assign(this.#conditions, calm);
    const gaveWay = this.#scenario.events.some(({ deed }) => gaveWayTo.has(deed));
    const limitMs = gaveWay ? givingWayLimitMs : convergenceLimitMs;
    const endMs = this.#time.nowMs() + limitMs;
    this.#lastWriteMs = this.#time.nowMs();
    while (!this.judge.violation && this.#time.nowMs() < this.#lastWriteMs + hourMs) {
      if (this.#lastWriteMs > endMs) {
        this.judge.violate("it comes to rest", `still writing ${limitMs / minuteMs} min later`);
      }
      await this.#runUntil(this.#lastWriteMs + hourMs);
    }
    if (!this.judge.violation) this.#judgeRest();
  }

  outcome(): Outcome {
    return {
      scenario: this.#scenario,
      simulatedMs: this.#time.nowMs() - this.#startMs,
      violation: this.judge.violation,
      history: this.#history,
      digest: this.#digest.toString(16),
    };
  }

  /** What the statuses say at rest is so. */
  #judgeRest(): void {
    this.#truth.asHeld = lockedOut(this.#world.kinds, (server) => this.#locksOut(server));
    for (const [name, account] of this.judge.account()) {
      for (const { key, status } of this.#statusesOf(name)) {
        const reached = conditionOf(status, "DatabaseReachable");
        const mayBeLockedOut = serversTold(status).some((one) => this.#locksOut(one));
        if (reached === "True") this.#judgeStatusAtRest(key, status, { name, ...account });
        else if (!mayBeLockedOut) this.judge.violate("it reads again", `${key}: ${name} is unread`);
      }
    }
  }

  /** A full server does, where the operator logs in as the pods do. */
  #locksOut(server: string): boolean {
    const { servers } = this.#scenario.fleet;
    return servers[this.#truth.servers.indexOf(server)]?.operatorRole === "app";
  }

  #judgeStatusAtRest(
    key: string,
    status: PoolPolicyStatus,
    {
      name,
      budget,
      exposure,
    }: { readonly name: string; readonly budget: number; readonly exposure: number },
  ): void {
    const said = `${name} has ${exposure} of ${budget} slots`;
    const isWithin = conditionOf(status, "WithinBudget") === "True";
    if (isWithin && exposure > budget) {
      this.judge.violate("the status is true", `${key} says WithinBudget, but ${said}`);
    }
    const { used = 0, budget: toldBudget = budget } = toldOf(status, name);
    // After a restart nobody knows whose the sessions of lost pods are: they count as foreign.
    if (used + Math.max(0, budget - toldBudget) < exposure)
      this.judge.violate("the status is true", `${key} says ${used}, but ${said}`);
    if (isWithin) this.#judgeUse(serversTold(status), status);
    const isFeasible = conditionOf(status, "Feasible") === "True";
    if (exposure > budget && isFeasible && !this.#mayWait(name)) {
      this.judge.violate("the line holds again", `${said}, and nothing is in the way`);
    }
  }

  /**
   * Slots that look free and are not: what two policies claim counts by the heavier of their two
   * sizings, and the share of a workload that its owner alone may replace waits for that.
   */
  #isSpokenFor(server: string): boolean {
    return this.#statusesOf(server).some(
      ({ status: { findings = [], workloads = [] } }) =>
        findings.some(({ reason }) => reason === "ClaimedTwice") ||
        workloads.some(({ reason }) => reason === "RollsWaiting" || reason === "NeverReplaced"),
    );
  }

  /**
   * Not a tenth of the budget is left while somebody could have a quarter more: an operator that
   * never grows anything would be safe, and useless. Less may wait, where a pod of a size of before
   * keeps its slots.
   */
  #judgeUse(servers: readonly string[], { grants = {}, workloads }: PoolPolicyStatus): void {
    if (servers.some((server) => this.#isSpokenFor(server))) return;
    const held = heldByUse(workloads);
    for (const [workload, { poolSize, liveVariable }] of Object.entries(grants)) {
      // What its running pods have is another number, and what is held by its use could not use it.
      if (liveVariable !== undefined || held.has(workload)) continue;
      const key = `${namespace}/${workload}` as PoolKey;
      const more = Math.max(2, Math.ceil(poolSize / 4));
      const hasPods = this.#truth.plannedPodsOf(workloadOfPool(key)) > 0;
      if (!hasPods || poolSize + more > poolSizeMax) continue;
      const accounts = servers.map((server) => this.judge.accountWithMore(server, key, more));
      if (accounts.some(({ budget, exposure }) => exposure > 0.9 * budget)) continue;
      const said = accounts.map(({ budget, exposure }) => `${exposure} of ${budget}`).join(", ");
      const message = `${key} has ${poolSize}, and ${more} more make ${said}`;
      this.judge.violate("no slot is left that somebody could use", message);
    }
  }

  #mayWait(server: string): boolean {
    const told = this.#statusesOf(server);
    const statuses = told.map(({ status }) => status);
    return (
      this.#isHandsOff ||
      // No neighbour shrinks for a policy that has never been in force.
      told.some(({ key }) => this.#truth.asHeld.has(key)) ||
      isManagedByNobody(statuses) ||
      statuses.some((one) => serversTold(one).some((at) => this.#waitsForSlots(at, one)))
    );
  }

  /**
   * It says of a workload that its roll waits, and the roll would indeed refuse logins: then the
   * server's other policies wait too.
   */
  #waitsForSlots(server: string, { workloads = [] }: PoolPolicyStatus): boolean {
    return rowsByWorkload(namespace, workloads).some(([key, rows]) => {
      if (!rows.some(({ reason }) => reason === "RollsWaiting")) return false;
      return this.#truth.serversOf(key).some((name) => {
        const truth = this.#truth.workloadOf(key, name);
        const wanted = name === server ? sum(rows.map(wantedSlots)) : truth?.nextSlots;
        return truth && isTooFull(this.#truth.loadOf(name), truth, wanted ?? 0);
      });
    });
  }

  /** Some fleets cannot be repaired: their owners forbid it, or want what the cluster has not. */
  get #isHandsOff(): boolean {
    const { policies, hasAdmission } = this.#scenario.fleet;
    return policies.some(
      ({ rebalance, ownership, delivery }) =>
        rebalance !== "Always" ||
        ownership !== "Take" ||
        (delivery === "Admission" && !hasAdmission),
    );
  }

  /** Of policies that count there, or have it as a replica. */
  #statusesOf(
    server: string,
  ): readonly { readonly key: string; readonly status: PoolPolicyStatus }[] {
    return [...this.#world.kinds.policies.values()].flatMap(({ key, status }) => {
      const said = status as PoolPolicyStatus | undefined;
      return said && serversTold(said).includes(server) ? [{ key, status: said }] : [];
    });
  }

  #review(): void {
    if (!this.judge.isPromised) this.judge.review();
    this.#time.after(reviewEveryMs, () => {
      this.#review();
    });
  }

  async #runUntil(endMs: number): Promise<void> {
    await this.#time.runUntil(endMs, () => this.judge.look());
  }

  #tell(line: string): void {
    const text = `${clockText(this.#time.nowMs() - this.#startMs)} ${line}`;
    this.#history.push(text);
    if (this.#history.length > linesKept) this.#history = this.#history.slice(-linesKept / 2);
    for (let at = 0; at < text.length; at++) {
      this.#digest = Math.imul(this.#digest ^ text.charCodeAt(at), 0x01000193) >>> 0;
    }
  }
}

const gaveWayTo: ReadonlySet<string> = new Set(["setEnv", "revertEveryTenSeconds", "undo"]);
