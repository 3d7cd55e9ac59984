// What is counted beside a pool stays within what is believed of one.

import { expect, test } from "vitest";
import { poolSizeMax } from "../../src/domain/demand/slots.ts";
import { withMoreConnections } from "../../src/reconcile/observe/more-connections.ts";
import { aWorkload } from "../support/builders.ts";

test.each([
  { name: "connections beside a pool are added", more: 7, want: 9 },
  { name: "no sum is more than what is believed of a pool", more: 2e9, want: poolSizeMax },
])("$name", ({ more, want }) => {
  const pool = aWorkload("web", { sizing: { extraConnectionsPerPod: 2 } });
  expect(withMoreConnections(pool, more).sizing.extraConnectionsPerPod).toBe(want);
});
