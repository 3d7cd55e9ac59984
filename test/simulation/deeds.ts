// What each deed does. Those within the plan ask first whether the plan allows it now, and do
// nothing if not; the others tell the judge.

import { jobDeedsByName } from "./job-deeds.ts";
import { infrastructureDeeds } from "./infrastructure-deeds.ts";
import type { DeedName } from "./deed-names.ts";
import { labelsOf, policyKey, serverName, workloadSpec } from "./fleet.ts";
import { mayDeploy, mayEnd, mayFillUp } from "./plan-room.ts";
import { furtherPoolDeeds } from "./pool-deeds.ts";
import { limitDeedsByName } from "./scenario-limits.ts";
import type { ScenarioEvent } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import type { WorkloadSpec } from "./world/workload-spec.ts";

export type Deed = (stage: Stage, event: ScenarioEvent) => void;

/** Of a workload that exists. */
type WorkloadDeed = (stage: Stage, event: ScenarioEvent, key: string) => void;

function onWorkload(deed: WorkloadDeed): Deed {
  return (stage, event) => {
    const key = stage.workloadOf(event);
    if (key !== undefined) deed(stage, event, key);
  };
}

const deploy: WorkloadDeed = (stage, _, key) => {
  if (!mayDeploy(stage, key)) return;
  stage.judge.noteRoomUse();
  stage.world.deploy(key);
};

const scale: WorkloadDeed = (stage, { amount }, key) => {
  const { replicas, objectKey } = stage.world.workloads.require(key);
  const max = stage.world.kinds.autoscalers.get(objectKey)?.maxReplicas ?? replicas;
  const wanted = 1 + Math.floor(amount * Math.max(max, 1));
  const target = Math.min(wanted, max);
  if (target === 0 || (target < replicas && !mayEnd(stage, key, replicas - target))) return;
  if (target > replicas && !mayFillUp(stage, key, target)) return;
  if (target < replicas) stage.judge.noteRoomUse();
  stage.world.scale(key, target);
};

const deletePod: WorkloadDeed = (stage, { amount }, key) => {
  const pods = [...stage.world.pods()].filter((pod) => pod.workload === key && !pod.terminating);
  const pod = pods[Math.floor(amount * pods.length)];
  if (!pod || !mayEnd(stage, key, 1)) return;
  stage.judge.noteRoomUse();
  stage.world.deletePod(pod.key);
};

const crashPod: WorkloadDeed = (stage, { amount }, key) => {
  const pods = [...stage.world.pods()].filter((pod) => pod.workload === key && !pod.terminating);
  const pod = pods[Math.floor(amount * pods.length)];
  if (pod) stage.world.crashPod(pod.key);
};

/** No image of it can be pulled: whatever starts does not get ready. */
const breakImage: WorkloadDeed = (stage, { forMs }, key) => {
  stage.world.setImageBroken(key, true);
  stage.during(forMs, () => {
    stage.world.setImageBroken(key, false);
  });
};

const setEnv: WorkloadDeed = (stage, { amount }, key) => {
  stage.judge.goBeyondPlan();
  stage.world.setEnv(key, "DB_POOL_MAX_SIZE", String(1 + Math.floor(amount * 60)));
};

/**
 * Another admission takes the gate away from its pods, and one of them is replaced. Nobody can know
 * of the first that comes so, nor of one that comes when the last of them is gone.
 */
const takeGate: WorkloadDeed = (stage, event, key) => {
  const { takenGates } = stage.world;
  if (takenGates.isTaken(key)) return;
  stage.judge.hide();
  takenGates.take(key);
  deletePod(stage, event, key);
  stage.during(event.forMs, () => {
    takenGates.giveBack(key);
    showOnceGone(stage, key);
  });
};

const lookMs = 10_000;

function showOnceGone(stage: Stage, key: string): void {
  if (!stage.world.takenGates.hasPassedBy(key)) stage.judge.showAgain();
  else
    stage.time.after(lookMs, () => {
      showOnceGone(stage, key);
    });
}

const revertEveryTenSeconds: WorkloadDeed = (stage, { forMs, amount }, key) => {
  // Its manifest says what it has always said of further pools. Else their pods would open what
  // neither their template nor an entry tells of.
  const said = manifestOf(stage, key)?.env;
  const env = { ...said, DB_POOL_MAX_SIZE: String(5 + Math.floor(amount * 40)) };
  let isOver = false;
  const revert = (): void => {
    if (isOver || !stage.world.workloads.get(key)) return;
    stage.judge.goBeyondPlan();
    stage.world.applyOwner(key, "argocd-controller", env);
    stage.time.after(10_000, revert);
  };
  revert();
  stage.during(forMs, () => {
    isOver = true;
  });
};

const recreateWorkload: WorkloadDeed = (stage, { forMs, amount }, key) => {
  const manifest = manifestOf(stage, key);
  // Of a workload that is gone before any operator named it nobody can tell whose pods are left.
  if (!manifest || !stage.isNamed(key)) return;
  stage.judge.goBeyondPlan();
  stage.world.deleteWorkload(key);
  stage.during(amount < 0.5 ? 50 : forMs, () => {
    stage.judge.goBeyondPlan();
    stage.world.createWorkload(manifest);
  });
};

/** As its owner has it from the start. */
function manifestOf({ fleet }: Stage, key: string): WorkloadSpec | undefined {
  const index = Number(key.slice(key.lastIndexOf("-") + 1));
  const setup = fleet.workloads[index];
  return setup && workloadSpec(fleet, index, setup);
}

const relabel: WorkloadDeed = (stage, event, key) => {
  const { labels, pools } = stage.world.workloads.require(key);
  const target = stage.policyOf(event);
  const server = stage.fleet.servers.findIndex((_, at) => stage.truth.servers[at] === pools.server);
  const isSame = labels["pool"] === labelsOf(target)["pool"];
  const { server: itsServer, replicas = [] } = stage.fleet.policies[target] ?? {};
  const names = replicas.map(serverName).join();
  if (isSame || itsServer !== server || names !== (pools.replicas ?? []).join()) return;
  stage.judge.goBeyondPlan();
  stage.world.relabel(key, labelsOf(target));
};

/** Managed by nobody for a while: an operator cannot know what may still start of it. */
const unlabel: WorkloadDeed = (stage, { forMs }, key) => {
  const { labels } = stage.world.workloads.require(key);
  if (labels["pool"] === undefined) return;
  stage.judge.hide();
  stage.world.relabel(key, {});
  stage.during(forMs, () => {
    if (stage.world.workloads.get(key)) stage.world.relabel(key, labels);
    stage.judge.showAgain();
  });
};

function editForAWhile(change: (event: ScenarioEvent) => object): Deed {
  return (stage, event) => {
    const index = stage.policyOf(event);
    const edit = change(event);
    const names = Object.keys(edit);
    const restored = Object.fromEntries(names.map((name) => [name, stage.firstSpec(index)[name]]));
    stage.judge.goBeyondPlan();
    stage.editPolicy(index, edit);
    stage.during(event.forMs, () => {
      stage.judge.goBeyondPlan();
      stage.editPolicy(index, restored);
    });
  };
}

const editReserve: Deed = (stage, event) => {
  const index = stage.policyOf(event);
  const connections = Math.floor(event.amount * 30);
  const rollouts = stage.fleet.policies[index]?.rollouts ?? 1;
  stage.judge.goBeyondPlan();
  stage.truth.reserve.set(policyKey(index), connections);
  stage.editPolicy(index, { reserve: { connections, rollouts } });
};

const editAutoscaler: WorkloadDeed = (stage, { amount }, key) => {
  stage.judge.goBeyondPlan();
  const max = Math.floor(amount * 14);
  stage.world.setAutoscaler(key, max === 0 ? undefined : { min: 1, max });
};

const recreatePolicy: Deed = (stage, event) => {
  const index = stage.policyOf(event);
  const key = policyKey(index);
  if (!stage.world.kinds.policies.get(key)) return;
  stage.judge.hide();
  stage.world.deletePolicy(key);
  stage.during(event.amount < 0.5 ? 50 : event.forMs, () => {
    const [namespace = "", name = ""] = key.split("/");
    // A pool that was taken out would be nobody's: what its row said went with the policy.
    const { workloads } = stage.firstSpec(index);
    stage.specs[index] = { ...stage.specs[index], workloads };
    stage.world.createPolicy({ namespace, name, spec: stage.specs[index] ?? {} });
    stage.judge.showAgain();
  });
};

export const deeds: Readonly<Record<DeedName, Deed>> = {
  ...infrastructureDeeds,
  ...furtherPoolDeeds,
  ...jobDeedsByName,
  ...limitDeedsByName,
  deploy: onWorkload(deploy),
  scale: onWorkload(scale),
  deletePod: onWorkload(deletePod),
  crashPod: onWorkload(crashPod),
  breakImage: onWorkload(breakImage),
  blockByQuota: onWorkload((stage, { forMs }, key) => {
    stage.world.setQuotaBlocked(key, true);
    stage.during(forMs, () => {
      stage.world.setQuotaBlocked(key, false);
    });
  }),
  deployAnyway: onWorkload((stage, _, key) => {
    stage.judge.goBeyondPlan();
    stage.world.deploy(key);
  }),
  scaleBeyond: onWorkload((stage, { amount }, key) => {
    stage.judge.goBeyondPlan();
    stage.world.scale(key, Math.floor(amount * 15));
  }),
  undo: onWorkload((stage, _, key) => {
    stage.judge.goBeyondPlan();
    stage.world.undo(key);
  }),
  pause: onWorkload((stage, { forMs }, key) => {
    const { replicas } = stage.world.workloads.require(key);
    if (!mayFillUp(stage, key, replicas)) stage.judge.goBeyondPlan();
    stage.world.pause(key);
    stage.during(forMs, () => {
      if (stage.world.workloads.get(key)) stage.world.resume(key);
    });
  }),
  setEnv: onWorkload(setEnv),
  takeGate: onWorkload(takeGate),
  revertEveryTenSeconds: onWorkload(revertEveryTenSeconds),
  relabel: onWorkload(relabel),
  unlabel: onWorkload(unlabel),
  recreateWorkload: onWorkload(recreateWorkload),
  editReserve,
  editDelivery: editForAWhile(({ amount }) => ({
    delivery: (["Auto", "Admission", "Template"] as const)[Math.floor(amount * 3)],
  })),
  observeOnly: editForAWhile(() => ({ mode: "Observe" })),
  editAutoscaler: onWorkload(editAutoscaler),
  recreatePolicy,
};
