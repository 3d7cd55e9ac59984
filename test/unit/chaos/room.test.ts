// The owners' half of the promise: they replace pods only while nobody else does.
import { expect, test } from "vitest";
import { usersOfRoom } from "../../chaos/room.ts";
import type { Pod } from "../../support/kubelet/pod.ts";

type Counts = {
  readonly generation?: number;
  readonly replicas?: number;
  readonly updated?: number;
  readonly ready?: number;
};

/** A Deployment of three that is at rest, but for what is given. */
function deployment({ generation = 4, replicas = 3, updated = 3, ready = 3 }: Counts): unknown {
  return {
    metadata: { name: "web", generation },
    spec: { replicas: 3 },
    status: {
      observedGeneration: 4,
      replicas,
      updatedReplicas: updated,
      readyReplicas: ready,
    },
  };
}

function pod(deletionTimestamp?: string): Pod {
  return {
    metadata: {
      name: "web-1",
      namespace: "chaos",
      uid: "1",
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { containers: [] },
  };
}

test.each([
  { what: "nobody while all is at rest", deployment: {}, want: [] },
  {
    what: "a version that the controller has not seen",
    deployment: { generation: 5 },
    want: ["web has a new version"],
  },
  {
    what: "a rollout under way",
    deployment: { replicas: 4, updated: 2 },
    want: ["web has 4/2/3 of 3 pods there, new, ready"],
  },
  {
    what: "pods that do not serve yet",
    deployment: { ready: 2 },
    want: ["web has 3/3/2 of 3 pods there, new, ready"],
  },
  { what: "a pod that ends", deployment: {}, ending: "now", want: ["web-1 ends"] },
])("the room is used by $what", ({ deployment: counts, ending, want }) => {
  expect(usersOfRoom([deployment(counts)], [pod(), pod(ending)])).toEqual(want);
});

test("a scale to 0 that is done uses no room, although its counts are left out", () => {
  const none = {
    metadata: { generation: 1 },
    spec: { replicas: 0 },
    status: { observedGeneration: 1 },
  };
  expect(usersOfRoom([none], [])).toEqual([]);
});
