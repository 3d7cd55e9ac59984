// What pods on the network of their node can hold of the sessions at its address.

import { expect, test } from "vitest";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { OfHosts } from "../../../src/domain/supply/of-hosts.ts";
import { aWorkload, pods, sessions } from "../../support/builders.ts";

const node = "172.16.0.1";
const agents = aWorkload("agents", {
  pods: pods(1, { poolSize: 10, addresses: [node], isOnHostNetwork: true }),
});
const web = aWorkload("web", { pods: pods(1, { poolSize: 10, addresses: ["10.0.0.1"] }) });

function from(address: string, count: number): SessionGroup {
  return sessions(count, { address });
}

/** What they hold of it, and what they do not. */
function divided(ofHosts: OfHosts, shown: SessionGroup): readonly number[] {
  const { own, rest } = ofHosts.divide(shown);
  return [own, rest].map(([group]) => group?.count ?? 0);
}

test.each([
  { name: "all of them", shown: from(node, 7), own: 7, rest: 0 },
  { name: "as many as they can", shown: from(node, 13), own: 10, rest: 3 },
  { name: "none at a pod's own address", shown: from("10.0.0.1", 4), own: 0, rest: 4 },
  { name: "none at an address of nobody", shown: from("192.0.2.7", 4), own: 0, rest: 4 },
])("of a group they hold $name", ({ shown, own, rest }) => {
  expect(divided(new OfHosts([agents, web]), shown)).toEqual([own, rest]);
});

test("they hold no more of two groups than of one", () => {
  const ofHosts = new OfHosts([agents, web]);
  ofHosts.divide(from(node, 8));
  expect(divided(ofHosts, from(node, 8))).toEqual([2, 6]);
});
