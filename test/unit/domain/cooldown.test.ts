// How long a workload is left alone after a roll, and how much longer when somebody fights it.

import { expect, test } from "vitest";
import { cooldownEndMs } from "../../../src/domain/decide/cooldown.ts";
import { aPolicy, aPosition, aWorkload, startMs } from "../../support/builders.ts";

const minuteMs = 60_000;

test.each([
  { name: "never rolled: now", rolledAtMs: undefined, reverts: 0, want: 0 },
  { name: "rolled: the cooldown of the policy", rolledAtMs: startMs, reverts: 0, want: 5 },
  { name: "put back once: twice as long", rolledAtMs: startMs, reverts: 1, want: 10 },
  { name: "put back three times: eight times as long", rolledAtMs: startMs, reverts: 3, want: 40 },
  { name: "put back for ever: a day", rolledAtMs: startMs, reverts: 1_000, want: 24 * 60 },
])("$name", ({ rolledAtMs, reverts, want }) => {
  const workload = aWorkload("web", { rolledAtMs, reverts });
  const policy = aPolicy("orders", { cooldownMs: 5 * minuteMs });
  const endMs = cooldownEndMs({ ...aPosition(workload), workload, policy });
  expect(endMs).toBe(rolledAtMs === undefined ? 0 : startMs + want * minuteMs);
});
