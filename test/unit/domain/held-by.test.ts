// What pods can hold, by policy and by node.

import { expect, test } from "vitest";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import { aWorkload, pods } from "../../support/builders.ts";

test("counts each pod by its own size, for its policy and at each address of its node", () => {
  const held = heldBy([
    aWorkload("web", {
      policy: "shop/a",
      pods: [
        ...pods(2, { poolSize: 10, nodeAddresses: ["172.16.0.1", "fd00::1"] }),
        ...pods(1, { poolSize: 4, terminating: true, nodeAddresses: ["172.16.0.2"] }),
      ],
    }),
    aWorkload("api", { policy: "shop/b", pods: pods(1, { poolSize: 7 }) }),
  ]);
  expect([...held.policy]).toEqual([
    ["shop/a", 24],
    ["shop/b", 7],
  ]);
  expect([...held.node]).toEqual([
    ["172.16.0.1", 20],
    ["fd00::1", 20],
    ["172.16.0.2", 4],
  ]);
});
