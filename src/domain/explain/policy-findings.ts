// What only the operator can see of a policy, because it takes the server, the other policies or
// the workloads to see it: numbers that cannot be meant, entries that match nothing, servers that
// others read. Each names the field, its value and the way out. They stop nothing, but for a role
// that the server does not have, which holds up growth (login-members.ts): what a policy says
// counts as it stands.

import { ordinarySlots } from "../supply/withheld.ts";
import { poolNameIn } from "../../api/keys.ts";
import { reserveSlotsOf } from "../supply/capacity.ts";
import type { Finding, PolicyFacts } from "../facts/facts.ts";
import { nameFew } from "../words/fold-findings.ts";
import { lifetimeFindings } from "./lifetime-findings.ts";
import { missingRoleOf } from "../supply/login-members.ts";
import { oncePer, oncePerName } from "../once-per.ts";
import type { Plan } from "../decide/plan.ts";
import type { Position } from "../demand/position.ts";
import { hasLogin } from "../supply/readers.ts";
import { engineOf } from "../supply/server-engine.ts";
import { slotsPerPod } from "../demand/slots.ts";
import { unusedEntries } from "./unused-entries.ts";
import { moreThanSuits } from "./use-findings.ts";

/** `positions` are those of the policy. */
export function policyFindings(
  plan: Plan,
  policy: PolicyFacts,
  positions: readonly Position[],
): Finding[] {
  const leastWeight = leastWeightOf(plan.positions);
  const numbers = [
    ...declarations(plan, policy),
    ...wholeReserve(plan, policy),
    ...onePerEntry(positions, (position) => tooHeavy(position, leastWeight)),
    ...onePerEntry(positions, (position) => tooLarge(plan, position)),
  ];
  return [
    ...numbers.map((message): Finding => ({
      reason: "ImplausibleValue",
      severity: "degraded",
      message,
    })),
    ...unusedEntries(plan, policy, positions),
    ...serverOfOthers(plan, policy),
    ...lifetimeFindings(policy, positions),
    ...moreThanSuits(plan, policy),
  ];
}

const leastWeightOf = oncePer((positions: readonly Position[]): number => {
  const shared = positions.filter(({ pool }) => pool.isCounted !== true);
  return shared.reduce((least, { sizing }) => Math.min(least, sizing.weight), Infinity);
});

function declarations({ snapshot }: Plan, policy: PolicyFacts): string[] {
  const { maxConnections, role } = policy.spec.database;
  const { reading } = snapshot.database;
  const { connectionsSetting, loginLimit, grantLimits } = engineOf(snapshot);
  const told: string[] = [];
  if (reading && maxConnections !== undefined && maxConnections > reading.maxConnections) {
    told.push(
      `spec.database.maxConnections is ${maxConnections}, but ${connectionsSetting} of the server is ` +
        `${reading.maxConnections}: the field can only lower the limit, so remove it`,
    );
  }
  if (reading && missingRoleOf(policy, reading) !== undefined) {
    const unlessHidden =
      grantLimits === undefined
        ? ""
        : `, or the login may not look (${grantLimits(reading.account)})`;
    told.push(
      `spec.database.role is ${JSON.stringify(role)}, but the server has no such role${unlessHidden}: no ` +
        `${loginLimit} is counted and nothing grows, so correct it, or leave it out for the URI's user`,
    );
  }
  return told;
}

function wholeReserve({ capacity }: Plan, { spec }: PolicyFacts): string[] {
  if (!capacity) return [];
  const { connections } = spec.reserve;
  const slots = ordinarySlots(capacity);
  const reserveSlots = reserveSlotsOf(connections, slots);
  // Where there are no slots at all, a smaller reserve leaves none either.
  if (reserveSlots < slots || slots === 0) return [];
  const message =
    `spec.reserve.connections is ${connections}, but applications can get ${slots} slots at most: ` +
    "nothing is left for any pod, so lower it";
  return [message];
}

/** The first word on each entry of spec.workloads, which may match many workloads. */
function onePerEntry(
  positions: readonly Position[],
  check: (position: Position) => string | undefined,
): string[] {
  const told = new Map<number, string>();
  for (const position of positions) {
    const { entry } = position.pool;
    const message = told.has(entry) ? undefined : check(position);
    if (message !== undefined) told.set(entry, `spec.workloads[${entry}].${message}`);
  }
  return [...told.values()];
}

/** Beyond this, weights are no proportion any more that anybody would notice. */
const weightsApart = 100;

function tooHeavy({ sizing: { weight }, pool }: Position, least: number): string | undefined {
  if (pool.isCounted === true || weight <= least * weightsApart) return undefined;
  return (
    `weight is ${weight}, and the smallest on the server is ${least}: beside this workload, that one ` +
    "gets almost nothing beyond its floor. Use weights from 1 to 10"
  );
}

function tooLarge({ capacity }: Plan, position: Position): string | undefined {
  if (!capacity) return undefined;
  const { sizing, pool } = position;
  const slots = ordinarySlots(capacity);
  if (slots === 0) return undefined;
  const name = poolNameIn(pool.poolKey);
  const { floor, unmanagedPoolSize } = sizing;
  const of = `of the ${slots} slots that applications can get`;
  const least = slotsPerPod(sizing, floor);
  // A pool that is only counted has no floor.
  if (pool.isCounted !== true && least > slots) {
    return `${sayFloor(position)}: one pod of ${name} takes ${least} ${of} (${sayTerms(position)}), so lower one of them`;
  }
  const taken = slotsPerPod(sizing, unmanagedPoolSize);
  if (taken <= slots) return undefined;
  const isSaid = position.policy.spec.workloads[pool.entry]?.unmanagedPoolSize !== undefined;
  return (
    `unmanagedPoolSize is ${unmanagedPoolSize}${isSaid ? "" : " by default"}: one pod of ${name} without a readable size ` +
    `counts for ${taken} ${of} (${sayTerms(position)}), so ${isSaid ? "lower it" : "set it to what such a pod opens"}`
  );
}

function sayFloor({ sizing: { floor }, pool: { leastPoolSize = 0 } }: Position): string {
  return floor > 1 && floor <= Math.ceil(leastPoolSize)
    ? `poolSize.min counts as ${floor}, the minimum in the template (MinimumInTemplate)`
    : `poolSize.min is ${floor}`;
}

/** What the template opens beside the pool is in the sum, and in no field of the policy. */
function sayTerms({ sizing, pool: { connectionsBeside = 0 } }: Position): string {
  const { processesPerPod, extraConnectionsPerPod } = sizing;
  const beside =
    connectionsBeside === 0 ? "" : ` + ${connectionsBeside} by the template (PoolBesideSize)`;
  return (
    `x ${processesPerPod} pools (processesPerPod, poolsPerProcess) + extraConnectionsPerPod ` +
    `${extraConnectionsPerPod - connectionsBeside}${beside}`
  );
}

/** Who only names a server may not even be able to log in to it, and still has a word on it. */
function serverOfOthers({ server, snapshot }: Plan, policy: PolicyFacts): Finding[] {
  const { readers, guests } = othersOf(snapshot.policies)(policy.namespace);
  if (!hasLogin(policy)) {
    if (readers.length === 0) return [];
    const message =
      `spec.database.address is ${server}, which policies of other namespaces read with a login ` +
      `(${nameFew(readers)}): use a secretRef as well, or name a server of your own`;
    return [{ reason: "ServerOfOthers", severity: "info", message }];
  }
  if (guests.length === 0) return [];
  const message =
    `policies of other namespaces share ${server} without a login (${nameFew(guests)}): ` +
    "--namespace-quotas keeps what they ask for, and declare, from this namespace";
  return [{ reason: "ServerOfOthers", severity: "info", message }];
}

interface Others {
  /** Namespaces that read the server with a login. */
  readonly readers: readonly string[];
  /** Keys of policies that only name it. */
  readonly guests: readonly string[];
}

/** Of other namespaces than the one that is asked for. */
const othersOf = oncePer((policies: readonly PolicyFacts[]) =>
  oncePerName((own): Others => {
    const others = policies.filter(({ namespace }) => namespace !== own);
    const readers = new Set(others.filter(hasLogin).map(({ namespace }) => namespace));
    const guests = others.filter((other) => !hasLogin(other)).map(({ key }) => key);
    return { readers: [...readers].sort(), guests: guests.sort() };
  }),
);
