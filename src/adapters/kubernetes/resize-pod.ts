// One resize: annotations of a running pod, and nothing else of it. The patch first tests that it
// is the same pod with the same size: what was decided on is then still true, however often the
// kubelet has written the pod's status meanwhile.

import { readObjectKey } from "../../api/keys.ts";
import { poolSizeAnnotation } from "../../api/group.ts";
import type { Outcome, PodReference, PodResize } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import type { Client } from "./client.ts";
import { objectPath, resourceOf } from "./resources.ts";

export async function resizePod(
  client: Client,
  { key, uid }: PodReference,
  { from, annotations }: PodResize,
): Promise<Outcome<undefined>> {
  const { namespace, name } = readObjectKey(key);
  const body = [
    { op: "test", path: "/metadata/uid", value: uid },
    { op: "test", path: annotationPath(poolSizeAnnotation), value: from },
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

export function annotationPath(name: string): string {
  return `/metadata/annotations/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A test that fails is answered as an invalid patch. */
export function changed(message: string): Outcome<undefined> {
  return { kind: "conflict", message, managers: [] };
}
