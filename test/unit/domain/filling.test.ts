// Filling by hand, where a request is a member of several limits. The laws are in test/property.
import { poolKeyOf } from "../../../src/api/keys.ts";
import { expect, test } from "vitest";
import type { ShareRequest, LimitOfRequests } from "../../../src/domain/demand/share-request.ts";
import { fill } from "../../../src/domain/decide/filling.ts";
import { aSizing } from "../../support/builders.ts";

function request(
  key: string,
  more: Partial<ShareRequest> & { weight?: number } = {},
): ShareRequest {
  const { weight = 1, ...rest } = more;
  const sizing = aSizing({ weight });
  return {
    key: poolKeyOf(key),
    sizing,
    plannedPods: 1,
    roomPods: 0,
    floor: 1,
    ceiling: 100,
    ...rest,
  };
}

function limit(slots: number, ...indexes: number[]): LimitOfRequests {
  return { slots, rolloutsMax: 1, indexes };
}

const three = [request("a"), request("b"), request("c")];
const server = limit(90, 0, 1, 2);

test.each<{
  name: string;
  requests?: readonly ShareRequest[];
  limits: readonly LimitOfRequests[];
  want: number[];
}>([
  { name: "one limit is shared alike", limits: [server], want: [30, 30, 30] },
  {
    name: "what a full limit stops goes to the others",
    limits: [server, limit(20, 0, 1)],
    want: [10, 10, 70],
  },
  {
    name: "who is in two limits stops at the first that is full, and leaves the other to the rest",
    limits: [server, limit(20, 0, 1), limit(60, 1, 2)],
    want: [10, 10, 50],
  },
  {
    name: "a slot that two cannot share goes to the first of them, not to one who has more",
    limits: [server, limit(21, 0, 1)],
    want: [11, 10, 69],
  },
  {
    name: "a limit that its floors exceed stops its members alone",
    limits: [server, limit(1, 0, 1)],
    want: [1, 1, 88],
  },
  {
    name: "the room for a rollout counts in each limit",
    requests: [request("a", { roomPods: 1 }), request("b"), request("c")],
    limits: [server, limit(30, 0, 1)],
    want: [10, 10, 60],
  },
  {
    name: "weights count within a limit",
    requests: [request("a", { weight: 3 }), request("b"), request("c")],
    limits: [server, limit(40, 0, 1)],
    want: [30, 10, 50],
  },
])("$name", ({ requests = three, limits, want }) => {
  expect(fill(requests, limits, "Workload")).toEqual(want);
});
