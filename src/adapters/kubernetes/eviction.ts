// One eviction: the request that `kubectl drain` makes for each pod. The API server holds it
// against PodDisruptionBudgets. The uid keeps it from ending another pod of the same name.

import { readObjectKey } from "../../api/keys.ts";
import type { Outcome, PodReference } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import type { Client } from "./client.ts";
import { objectPath, resourceOf } from "./resources.ts";

export async function evictPod(
  client: Client,
  { key, uid }: PodReference,
): Promise<Outcome<undefined>> {
  const { namespace, name } = readObjectKey(key);
  const path = `${objectPath(resourceOf("Pod"), namespace, name)}/eviction`;
  const body = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { namespace, name },
    deleteOptions: { preconditions: { uid } },
  };
  return await attempt(client, ["POST", path, { body }], () => undefined);
}
