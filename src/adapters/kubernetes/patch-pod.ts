// One patch of a pod that runs or waits: its annotations, and little else. It first tests that it
// is the same pod, and then what the caller decided on: that is still true when it is written,
// however often the kubelet has written the pod's status meanwhile.

import { readObjectKey } from "../../api/keys.ts";
import type { Outcome, PodReference } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import type { Client } from "./client.ts";
import { objectPath, resourceOf } from "./resources.ts";

interface Operation {
  readonly op: "test" | "add" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

export async function patchPod(
  client: Client,
  { key, uid }: PodReference,
  operations: readonly Operation[],
): Promise<Outcome<undefined>> {
  const { namespace, name } = readObjectKey(key);
  const body: readonly Operation[] = [
    { op: "test", path: "/metadata/uid", value: uid },
    ...operations,
  ];
  const options = { contentType: "application/json-patch+json", body };
  const path = objectPath(resourceOf("Pod"), namespace, name);
  const outcome = await attempt(client, ["PATCH", path, options], () => undefined);
  if (outcome.kind === "absent") return changed(`${key} is gone`);
  if (outcome.kind === "invalid") return changed(outcome.message);
  return outcome;
}

export function annotating(annotations: Readonly<Record<string, string>>): readonly Operation[] {
  return Object.entries(annotations).map(([annotation, value]) => {
    return { op: "add", path: annotationPath(annotation), value };
  });
}

export function annotationPath(name: string): string {
  return `/metadata/annotations/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A test that fails is answered as an invalid patch. */
function changed(message: string): Outcome<undefined> {
  return { kind: "conflict", message, managers: [] };
}
