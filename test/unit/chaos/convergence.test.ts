// What a run may end with. A check that is content with less would hide an operator that gave up.
import { expect, test } from "vitest";
import { unsettled } from "../../chaos/convergence.ts";
import type { Pod } from "../../support/kubelet/pod.ts";

const TRUE = [
  { type: "Ready", status: "True" },
  { type: "WithinBudget", status: "True" },
];

type Parts = {
  readonly generation?: number;
  readonly conditions?: readonly object[];
  readonly granted?: number;
};

function policy({ generation = 2, conditions = TRUE, granted = 3 }: Parts = {}): unknown {
  const grants = { "Deployment/web": { poolSize: granted } };
  return { metadata: { generation }, status: { observedGeneration: 2, conditions, grants } };
}

const deployment = {
  metadata: { name: "web", generation: 1 },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 },
};

function pod(poolSize: number, annotation?: string): Pod {
  const annotations = annotation === undefined ? {} : { "poolwarden.dev/pool-size": annotation };
  return {
    metadata: { name: "web-1", namespace: "chaos", uid: "1", labels: { app: "web" }, annotations },
    spec: {
      containers: [{ name: "app", env: [{ name: "DB_POOL_MAX_SIZE", value: String(poolSize) }] }],
    },
  };
}

test.each([
  { what: "nothing where all is well", policy: policy(), pod: pod(3, "3"), want: [] },
  {
    what: "a policy that is not Ready",
    policy: policy({ conditions: [{ type: "Ready", status: "False", message: "no" }, ...TRUE] }),
    pod: pod(3, "3"),
    want: ["Ready is not True: no"],
  },
  {
    what: "conditions that are not there at all",
    policy: policy({ conditions: [] }),
    pod: pod(3, "3"),
    want: ["Ready is not True: undefined", "WithinBudget is not True: undefined"],
  },
  {
    what: "a spec that nobody has decided on",
    policy: policy({ generation: 3 }),
    pod: pod(3, "3"),
    want: ["the policy's latest spec was not decided on"],
  },
  {
    what: "a pod of another size",
    policy: policy({ granted: 4 }),
    pod: pod(3, "3"),
    want: ["web-1 has 3, granted is 4"],
  },
  {
    what: "nothing of a pod that holds more than the next ones get, where all fits",
    policy: policy({ granted: 3 }),
    pod: pod(4, "4"),
    want: [],
  },
  {
    what: "a pod that started unsized",
    policy: policy(),
    pod: pod(1),
    want: ["web-1 has 1 unsized, granted is 3"],
  },
  {
    what: "nothing of a pod that started unsized and is right by chance",
    policy: policy(),
    pod: pod(3),
    want: [],
  },
  {
    what: "a pod whose annotation is not what its process reads",
    policy: policy(),
    pod: pod(3, "4"),
    want: ["web-1 has 3, granted is 3"],
  },
])("what is missing: $what", ({ policy: given, pod: one, want }) => {
  expect(unsettled(given, [deployment], [one])).toEqual(want);
});
