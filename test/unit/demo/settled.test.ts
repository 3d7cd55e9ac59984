// The demo goes on only when the operator has nothing left to do; each of these must hold it back.
import { expect, test } from "vitest";
import { summarisePods } from "../../demo/pods.ts";
import { unsettled } from "../../demo/settled.ts";
import { pod, policy } from "./demo-objects.ts";

const sized = pod({ service: "web", size: "4" });
const inPlace = policy("True", { granted: 4, wanted: 4 });

test.each([
  { name: "everything is in place", status: inPlace, pods: [sized], wantMissing: [] },
  {
    name: "the policy is not Ready",
    status: policy("False", { granted: 4, wanted: 4 }),
    pods: [sized],
    wantMissing: ["the policy is not Ready"],
  },
  {
    name: "a grant is below the share",
    status: policy("True", { granted: 4, wanted: 5 }),
    pods: [pod({ service: "web", size: "5" })],
    wantMissing: ["web is granted 4 of 5"],
  },
  {
    name: "a pod runs with its old size",
    status: inPlace,
    pods: [sized, pod({ service: "web", size: "50" })],
    wantMissing: ["web has pods with 50"],
  },
  {
    name: "a pod still terminates",
    status: inPlace,
    pods: [sized, pod({ service: "web", size: "4", terminating: true })],
    wantMissing: ["web has 1 of 2 pods ready"],
  },
  {
    name: "a pod started without a size",
    status: inPlace,
    pods: [pod({ service: "web", size: "4", sized: false })],
    wantMissing: ["web has 1 pods without a size"],
  },
])("says what is missing when $name", ({ status, pods, wantMissing }) => {
  expect(unsettled(status, summarisePods(pods))).toEqual(wantMissing);
});
