// What pods on the network of their node can hold of the sessions at its address.

import { expect, test } from "vitest";
import { OfHosts } from "../../../src/domain/supply/of-hosts.ts";
import { aWorkload, pods, sessions } from "../../support/builders.ts";

const node = "172.16.0.1";
const agents = aWorkload("agents", {
  pods: pods(1, { poolSize: 10, addresses: [node], isOnHostNetwork: true }),
});
const web = aWorkload("web", { pods: pods(1, { poolSize: 10, addresses: ["10.0.0.1"] }) });

function from(address: string, count: number): ReturnType<typeof sessions> {
  return sessions(count, { address });
}

test.each([
  { name: "all of them", shown: from(node, 7), own: 7, rest: 0 },
  { name: "as many as they can", shown: from(node, 13), own: 10, rest: 3 },
  { name: "none at a pod's own address", shown: from("10.0.0.1", 4), own: 0, rest: 4 },
  { name: "none at an address of nobody", shown: from("192.0.2.7", 4), own: 0, rest: 4 },
])("of a group they hold $name", ({ shown, own, rest }) => {
  const [mine, others] = new OfHosts([agents, web]).divide(shown);
  expect([mine?.count ?? 0, others?.count ?? 0]).toEqual([own, rest]);
});

test("they hold no more of two groups than of one", () => {
  const ofHosts = new OfHosts([agents, web]);
  ofHosts.divide(from(node, 8));
  expect(ofHosts.divide(from(node, 8)).map((part) => part?.count)).toEqual([2, 6]);
});
