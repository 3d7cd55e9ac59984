// What people do to the further pools of a workload: take the entry of one out of the policy for a
// while, put it back, give a pool another name. All of it is beyond the plan: new pods
// may start with the size of their template before any operator has heard of the edit.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { Deed } from "./deeds.ts";
import { type FurtherEntry, furtherEntry, policyKey } from "./fleet.ts";
import type { ScenarioEvent } from "./scenario.ts";
import { furtherPools } from "./scenario-pools.ts";
import type { Stage } from "./stage.ts";

/** One further pool of a workload, and the policy that has, or may have, its entry. */
interface Chosen {
  readonly policy: number;
  /** As the policy would name it at first. */
  readonly entry: FurtherEntry;
  /** Processes of the workload open it. */
  readonly isThere: boolean;
  /** The policy has no other pool of the workload. */
  readonly isShared: boolean;
  /** Its template says the size from the start. */
  readonly isSaid: boolean;
}

function chosenBy(stage: Stage, { which }: ScenarioEvent): Chosen | undefined {
  const { workloads } = stage.fleet;
  const index = which % Math.max(1, workloads.length);
  const setup = workloads[index];
  if (!setup) return undefined;
  const place = Math.floor(which / 7) % furtherPools.length;
  const { kind, furtherPools: sizes = [] } = setup;
  const policy = (place === 0 ? setup.sharedWith : undefined) ?? setup.policy;
  const name = `service-${index}`;
  return {
    ...{ policy, isThere: place < sizes.length, isShared: policy !== setup.policy },
    ...{ entry: furtherEntry(kind, name, place), isSaid: sizes[place] !== undefined },
  };
}

type Entries = readonly FurtherEntry[];

function entriesOf(stage: Stage, policy: number): Entries {
  return (stage.specs[policy] as { readonly workloads?: Entries }).workloads ?? [];
}

function isOf({ entry }: Chosen): (one: FurtherEntry) => boolean {
  // Entries of the main pool name no variable.
  return ({ name, env }) =>
    name === entry.name &&
    (env as object | undefined) !== undefined &&
    env.maxSize === entry.env.maxSize;
}

function edit(stage: Stage, policy: number, workloads: Entries): void {
  stage.judge.goBeyondPlan();
  stage.editPolicy(policy, { workloads });
}

/**
 * Back again, before its time. A pool that pods of before do not open is not added: nobody can tell
 * them from outside from pods that do.
 */
const addPool: Deed = (stage, event) => {
  const chosen = chosenBy(stage, event);
  if (!chosen?.isThere) return;
  const entries = entriesOf(stage, chosen.policy);
  if (!entries.some(isOf(chosen))) edit(stage, chosen.policy, [chosen.entry, ...entries]);
};

/**
 * A pool that no status names yet is nobody's, and so is one that neither a pod nor the template
 * says a size of: no operator can know what opens it.
 */
const removePool: Deed = (stage, event) => {
  const chosen = chosenBy(stage, event);
  if (!chosen?.isSaid || !isTold(stage, chosen)) return;
  const entries = entriesOf(stage, chosen.policy);
  const [removed] = entries.filter(isOf(chosen));
  if (!removed) return;
  // Of a policy that names nothing else of the workload, nobody knows what may still start.
  if (chosen.isShared) stage.judge.hide();
  edit(
    stage,
    chosen.policy,
    entries.filter((one) => one !== removed),
  );
  stage.during(event.forMs, () => {
    const now = entriesOf(stage, chosen.policy);
    if (!now.some(isOf(chosen))) edit(stage, chosen.policy, [removed, ...now]);
    if (chosen.isShared) stage.judge.showAgain();
  });
};

function isTold(stage: Stage, { policy, entry }: Chosen): boolean {
  const { status } = stage.world.kinds.policies.get(policyKey(policy)) ?? {};
  const { workloads = [] } = (status ?? {}) as PoolPolicyStatus;
  return workloads.some(({ workload }) => workload.startsWith(`${entry.kind}/${entry.name}/`));
}

const renamePool: Deed = (stage, event) => {
  const chosen = chosenBy(stage, event);
  if (!chosen) return;
  const entries = entriesOf(stage, chosen.policy);
  if (!entries.some(isOf(chosen))) return;
  const pool = event.amount < 0.5 ? chosen.entry.pool : `${chosen.entry.pool}-too`;
  const renamed = entries.map((one) => (isOf(chosen)(one) ? { ...one, pool } : one));
  edit(stage, chosen.policy, renamed);
};

export const furtherPoolDeeds = { addPool, removePool, renamePool } as const;
