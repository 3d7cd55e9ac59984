// Who decides how many pods there are need not name the workload itself. An autoscaler may target
// the custom resource that the workload was made from: its maximum counts for what this resource
// owns, if that is one workload. Of several, such as the job manager and the task managers of a
// Flink cluster, nothing says which one is scaled, and all at the maximum would be slots for
// nobody: the policy has to say. An Argo Rollout may take the template of a Deployment and run the
// pods itself (rollout-of-template.ts).

import { kindAndName } from "../../api/keys.ts";
import { workloadKindOf } from "../../api/workload-kinds.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { PickedWorkload } from "../../observed.ts";
import { type KnownAround, type Scaled, templateOfRollout } from "./rollout-of-template.ts";

export function scaledElsewhere(known: KnownAround, scaled: Scaled): Finding[] {
  const finding = templateOfRollout(known, scaled) ?? uncountedTarget(known, scaled);
  return finding ? [finding] : [];
}

/** An autoscaler of something with its name, or of its owner, that is not planned by. */
function uncountedTarget(known: KnownAround, { workload, facts }: Scaled): Finding | undefined {
  const { autoscalerMaxReplicas: counted = 0, maxPods = 0 } = facts;
  const planned = Math.max(workload.replicas, counted, maxPods);
  const others = targetsAround(known, workload).filter(({ most }) => most > planned);
  const [first] = others;
  if (!first || facts.plannedPods === "Current") return undefined;
  const most = others.reduce((largest, one) => Math.max(largest, one.most), 0);
  const message =
    `is planned with ${sayCount(planned, "pod")}, but an autoscaler scales ${first.target} up to ${most}. If those are ` +
    `this workload's pods, set maxPods: ${most} in its entry`;
  return { reason: "ScaledElsewhere", severity: "info", message };
}

interface Target {
  /** Kind/name. */
  readonly target: string;
  /** How many pods an autoscaler may ask for. */
  readonly most: number;
}

/** That are no workloads themselves: its owner, then whatever has its name. */
function targetsAround(
  { autoscaling }: Pick<KnownAround, "autoscaling">,
  workload: PickedWorkload,
): Target[] {
  const { namespace, name, owner } = workload;
  const isElsewhere = owner && workloadKindOf(owner.kind) === undefined;
  const most = isElsewhere ? autoscaling.mostOfOwner(workload) : undefined;
  const ofOwner = owner && most !== undefined ? [{ target: kindAndName(owner), most }] : [];
  const named = autoscaling.namedLike(`${namespace}/${name}`);
  return [
    ...ofOwner,
    ...named.map(({ targetKind, targetName, maxReplicas }) => {
      return { target: kindAndName({ kind: targetKind, name: targetName }), most: maxReplicas };
    }),
  ];
}
