// Whether somebody may replace pods now: the promise holds for one rollout at a time, so the next
// deploy has to wait until the room is free again. Nothing but the API is asked, because that is
// all that a deploy pipeline can ask.
import type { Pod } from "../support/kubelet/pod.ts";
import { isTerminating } from "../support/kubelet/pod.ts";
import { read } from "../support/kubernetes-rest.ts";

/** What still uses the room, for people; an empty list when it is free. */
export function usersOfRoom(deployments: readonly unknown[], pods: readonly Pod[]): string[] {
  const leaving = pods.filter(isTerminating).map(({ metadata }) => `${metadata.name} ends`);
  return [...deployments.flatMap(unfinished), ...leaving];
}

function unfinished(deployment: unknown): string[] {
  const name = String(read(deployment, "metadata", "name"));
  if (
    read(deployment, "metadata", "generation") !== read(deployment, "status", "observedGeneration")
  )
    return [`${name} has a new version`];
  const wanted = Number(read(deployment, "spec", "replicas"));
  const count = (field: string): number => Number(read(deployment, "status", field) ?? 0);
  const counts = ["replicas", "updatedReplicas", "readyReplicas"].map(count);
  if (counts.every((one) => one === wanted)) return [];
  return [`${name} has ${counts.join("/")} of ${wanted} pods there, new, ready`];
}
