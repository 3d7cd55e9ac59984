// One release: our scheduling gate goes and the pod's size comes, in one patch, so that no pod ever
// starts without a size. The patch first tests that it is the same pod and that the gate stands
// where it was seen. So of two releases only one goes through, and a late one cannot write over the
// size of a pod that has been released and resized since.

import { readObjectKey } from "../../api/keys.ts";
import { slotsGate } from "../../api/group.ts";
import type { Outcome, PodReference, PodRelease } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import type { Client } from "./client.ts";
import { annotationPath, changed } from "./resize-pod.ts";
import { objectPath, resourceOf } from "./resources.ts";

export async function releasePod(
  client: Client,
  { key, uid }: PodReference,
  { gate: { place, isBare }, annotations }: PodRelease,
): Promise<Outcome<undefined>> {
  const { namespace, name } = readObjectKey(key);
  const gate = `/spec/schedulingGates/${place}`;
  const body = [
    { op: "test", path: "/metadata/uid", value: uid },
    { op: "test", path: `${gate}/name`, value: slotsGate },
    { op: "remove", path: gate },
    ...(isBare ? [{ op: "add", path: "/metadata/annotations", value: {} }] : []),
    ...Object.entries(annotations).map(([annotation, value]) => {
      return { op: "add", path: annotationPath(annotation), value };
    }),
  ];
  const options = { contentType: "application/json-patch+json", body };
  const path = objectPath(resourceOf("Pod"), namespace, name);
  const outcome = await attempt(client, ["PATCH", path, options], () => undefined);
  if (outcome.kind === "absent") return changed(`${key} is gone`);
  if (outcome.kind === "invalid") return changed(outcome.message);
  return outcome;
}
