// One release: our scheduling gate goes and the pod's size comes, in one patch, so that no pod ever
// starts without a size. The patch first tests that it is the same pod and that the gate stands
// where it was seen. So of two releases only one goes through, and a late one cannot write over the
// size of a pod that has been released and resized since.

import { slotsGate } from "../../api/group.ts";
import type { Outcome, PodReference, PodRelease } from "../../ports.ts";
import type { Client } from "./client.ts";
import { annotating, patchPod } from "./patch-pod.ts";

export function releasePod(
  client: Client,
  pod: PodReference,
  { gate: { place, isBare }, annotations }: PodRelease,
): Promise<Outcome<undefined>> {
  const gate = `/spec/schedulingGates/${place}`;
  return patchPod(client, pod, [
    { op: "test", path: `${gate}/name`, value: slotsGate },
    { op: "remove", path: gate },
    ...(isBare ? [{ op: "add", path: "/metadata/annotations", value: {} } as const] : []),
    ...annotating(annotations),
  ]);
}
