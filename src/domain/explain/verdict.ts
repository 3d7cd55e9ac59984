// What one policy is told: its conditions, each a value with a reason and a sentence with numbers
// and the way out.

import type { ConditionType } from "../../api/conditions.ts";
import { type Answer, applied } from "./applied.ts";
import { sayBudget } from "./say-budget.ts";
import type { Finding, PolicyFacts } from "../facts/facts.ts";
import { findingsOf } from "./findings.ts";
import type { Capacity } from "../supply/capacity.ts";
import { idOf, type NarrowLimit } from "../supply/limit.ts";
import { type LimitAccount, podsIn } from "../decide/limit-accounts.ts";
import { sayAccounts, sayLimitSlots, sayWhose } from "../decide/limit-words.ts";
import { oncePer } from "../once-per.ts";
import { ownAmong } from "../demand/own-positions.ts";
import type { Plan } from "../decide/plan.ts";
import type { Position } from "../demand/position.ts";
import { hasLogin, isToBeRead } from "../supply/readers.ts";
import { engineOf } from "../supply/server-engine.ts";
import { sayCount } from "../words/say-count.ts";
import { sayHeldOnly, sayOwner } from "../words/say-owner.ts";
import { slotsPerPod } from "../demand/slots.ts";
import { withMissingWorkloads } from "./unused-entries.ts";
import { replicaFailure, sayReplicas } from "./replica-rows.ts";
import { waysToAskLess, waysToPlanLess } from "./ways-to-fit.ts";
import { failureToldTo } from "./told-failure.ts";

/** A condition without the times that only the cluster knows. */
export interface Verdict extends Answer {
  readonly type: ConditionType;
}

/** The conditions of one policy, from the plan alone. */
export function conditionsFor(plan: Plan, policy: PolicyFacts): Verdict[] {
  const positions = ownAmong(plan.positions, policy.key).map(({ position }) => position);
  return verdictsOf(plan, policy, { positions, findings: findingsOf(plan, policy, positions) });
}

/** `positions` and `findings` are those of the policy; Ready is derived from the others. */
export function verdictsOf(
  plan: Plan,
  policy: PolicyFacts,
  {
    positions,
    findings,
  }: { readonly positions: readonly Position[]; readonly findings: readonly Finding[] },
): Verdict[] {
  const verdicts: Verdict[] = [
    { type: "DatabaseReachable", ...databaseReachable(plan, policy) },
    { type: "WithinBudget", ...(withinLimits(plan, policy) ?? withinBudget(plan, policy)) },
    { type: "Feasible", ...(feasibleInLimits(plan, policy) ?? feasible(plan, policy)) },
    { type: "Applied", ...applied(plan, policy, { positions, findings }) },
  ];
  return [{ type: "Ready", ...ready(policy, verdicts, findings) }, ...verdicts];
}

function ready(
  { spec }: PolicyFacts,
  verdicts: readonly Verdict[],
  findings: readonly Finding[],
): Answer {
  const observing = spec.mode === "Observe";
  const holds = ({ type, status, reason }: Verdict): boolean =>
    status === "True" || (observing && type === "Applied" && reason !== "NoWorkloads");
  const [failing, ...others] = verdicts.filter((verdict) => !holds(verdict));
  if (failing) {
    const { reason, message } = failing;
    const awaited = others.find(({ type }) => type === "Applied")?.message ?? message;
    const isTold = message.includes(awaited) || reason === "BudgetUnknown";
    return { status: "False", reason, message: isTold ? message : `${message}; ${awaited}` };
  }
  const reason = observing ? "Observing" : "Ready";
  const within = verdicts.find(({ type }) => type === "WithinBudget")?.message ?? "";
  const message = withMissingWorkloads(observing ? "mode is Observe" : within, findings);
  return { status: "True", reason, message };
}

function databaseReachable(plan: Plan, policy: PolicyFacts): Answer {
  const { databaseFailure, snapshot } = plan;
  const isDeclared = !hasLogin(policy) && !isToBeRead(snapshot);
  const failure = policy.failure ?? (isDeclared ? undefined : databaseFailure);
  if (failure) {
    return { status: "False", ...failureToldTo(policy.namespace, failure, snapshot.server) };
  }
  const ofReplica = replicaFailure(plan, policy);
  if (ofReplica) return { status: "False", ...ofReplica };
  const { reading } = snapshot.database;
  if (reading) {
    const { connectionsSetting } = engineOf(snapshot);
    const message = `${connectionsSetting} ${reading.maxConnections} read from ${snapshot.server}${sayReplicas(plan, policy)}`;
    return { status: "True", reason: "Connected", message };
  }
  if (hasLogin(policy)) {
    const message = `${snapshot.server} has not been asked yet`;
    return { status: "Unknown", reason: "NotReadYet", message };
  }
  const declared = policy.spec.database.maxConnections ?? 0;
  const message = `${snapshot.server} is taken to have maxConnections ${declared} as declared${sayReplicas(plan, policy)}`;
  return { status: "True", reason: "DeclaredOnly", message };
}

function withinBudget(
  { budgetSlots, exposure, capacity, foreign, ownSessions, positions }: Plan,
  { key }: PolicyFacts,
): Answer {
  if (budgetSlots === undefined || !capacity) {
    const message = "the limit of the server is not known: no size changes until it is";
    return { status: "Unknown", reason: "BudgetUnknown", message };
  }
  const needed = `running pods and those that may still start need ${sayCount(exposure.slots, "slot")}`;
  const arithmetic = sayBudget(capacity, foreign.slots, ownSessions);
  const message = `${needed}, ${budgetSlots} ${budgetSlots === 1 ? "is" : "are"} available: ${arithmetic}`;
  if (exposure.slots <= budgetSlots) return { status: "True", reason: "WithinBudget", message };
  const held = sayHeldOnly(positions, key);
  const heldBy = `${message}; of these, held by policies that observe or are not in force yet: ${held}`;
  return { status: "False", reason: "OverBudget", message: held === "" ? message : heldBy };
}

/** Where its namespace is bounded, and the server's own line holds. */
function withinLimits(plan: Plan, policy: PolicyFacts): Answer | undefined {
  const accounts = plan.limits.ofPolicy(policy);
  if (accounts.length === 0) return undefined;
  const ofServer = withinBudget(plan, policy);
  if (ofServer.status !== "True") return undefined;
  const message = `${sayAccounts(accounts).join("; ")}; the server: ${ofServer.message}`;
  const over = accounts.find(({ exposure, limit }) => exposure.slots > limit.slots);
  if (!over) return { ...ofServer, message };
  const reason = over.limit.kind === "namespace" ? "OverNamespaceQuota" : "OverBudget";
  return { status: "False", reason, message };
}

/** Where its namespace or its login is bounded: what asks for more than that. */
function feasibleInLimits(plan: Plan, policy: PolicyFacts): Answer | undefined {
  for (const account of plan.limits.ofPolicy(policy)) {
    const answer = infeasibleIn(account, plan);
    if (answer) return answer;
  }
  return undefined;
}

function infeasibleIn(account: LimitAccount<NarrowLimit>, { floors }: Plan): Answer | undefined {
  const { limit } = account;
  const { asked, planned } = podsIn(account);
  const lackingSlots = floors.lacking?.get(idOf(limit)) ?? 0;
  const isCut = limit.kind !== "linked" && asked > planned;
  if (!isCut && lackingSlots === 0) return undefined;
  const problem = isCut
    ? `${sayWhose(limit)} asks for ${sayCount(asked, "planned pod")}, but only ${planned} fit, ` +
      `even with pools of 1: it has ${sayLimitSlots(limit)}`
    : `the floors of ${sayWhose(limit)} and the room for its rollouts need ` +
      `${sayCount(limit.slots + lackingSlots, "slot")}: it has ${sayLimitSlots(limit)}` +
      (limit.kind === "linked" ? "" : ", and pools below their floors");
  const ways = isCut ? waysToPlanLess(account.positions) : waysToAskLess(account.positions);
  const message = `${problem}. ${toFix(ways, moreOf(limit))}`;
  return { status: "False", reason: "Infeasible", message };
}

function toFix(ways: string, more: string): string {
  return `To fix: ${ways === "" ? more.replace(/^or /, "") : ways + more}`;
}

function moreOf(limit: NarrowLimit): string {
  if (limit.kind === "login") return `or a larger ${limit.setting}`;
  if (limit.kind === "linked") return `or more connections on ${limit.name}`;
  return "or a larger quota in --namespace-quotas (ask the operator's administrator)";
}

function feasible(plan: Plan, { key }: PolicyFacts): Answer {
  const { budgetSlots, floors, positions } = plan;
  if (budgetSlots === undefined) {
    return { status: "Unknown", reason: "BudgetUnknown", message: "the budget is not known" };
  }
  const { missingSlots } = floors;
  if (missingSlots === 0) {
    return { status: "True", reason: "Feasible", message: "every workload gets its floor" };
  }
  const message =
    `the floors and the room for rollouts need ${budgetSlots + missingSlots} slots, ` +
    `${missingSlots} more than the budget of ${budgetSlots}${largestClaim(positions, key)}. ` +
    toFix(waysToAskLess(positions), moreSlots(plan));
  return { status: "False", reason: "Infeasible", message };
}

/** What makes the budget larger: foreign sessions, or the limit that binds. */
function moreSlots({ capacity, foreign, snapshot }: Plan): string {
  const limit = capacity ? larger(capacity, snapshot) : "more connections";
  if (foreign.slots === 0) return `or ${limit}`;
  return `${limit}, or fewer of the ${sayCount(foreign.slots, "foreign session")}`;
}

function larger(
  { cut, engine, undeclaredSlots, declaredBy }: Capacity,
  { database: { reading } }: Plan["snapshot"],
): string {
  if (cut) return `a larger ${cut.setting ?? engine.loginLimit}`;
  const isDeclared = declaredBy !== "" && (reading === undefined || undeclaredSlots > 0);
  return isDeclared ? `a larger ${declaredBy}, as far as the server has more` : "more connections";
}

const largestOf = oncePer((positions: readonly Position[]): Position | undefined => {
  const floorSlots = (position: Position): number =>
    position.heldOnly
      ? 0
      : position.plannedPods * slotsPerPod(position.sizing, leastSize(position));
  return positions.reduce<Position | undefined>(
    (most, position) => (most && floorSlots(most) >= floorSlots(position) ? most : position),
    undefined,
  );
});

function leastSize({ managed, sizing, inForce }: Position): number {
  return managed ? sizing.floor : inForce;
}

function largestClaim(positions: readonly Position[], policy: string): string {
  const largest = largestOf(positions);
  if (!largest) return "";
  const { sizing, plannedPods } = largest;
  const each = slotsPerPod(sizing, leastSize(largest));
  return `; most by ${sayOwner(largest, policy)}: ${sayCount(plannedPods, "planned pod")} x ${sayCount(each, "slot")}`;
}
