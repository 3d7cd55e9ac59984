// One resize: annotations of a running pod, and nothing else of it. The patch first tests that it
// is the same pod with the same size.

import { poolSizeAnnotation } from "../../api/group.ts";
import type { Outcome, PodReference, PodResize } from "../../ports.ts";
import type { Client } from "./client.ts";
import { annotating, annotationPath, patchPod } from "./patch-pod.ts";

export function resizePod(
  client: Client,
  pod: PodReference,
  { from, annotations }: PodResize,
): Promise<Outcome<undefined>> {
  return patchPod(client, pod, [
    { op: "test", path: annotationPath(poolSizeAnnotation), value: from },
    ...annotating(annotations),
  ]);
}
