// One namespace whose policies name large secrets, and are edited without end, beside another: the
// whole operator on a clock of the test's. What they cost is charged to that namespace.

import { expect, test } from "vitest";
import type { Cluster, WatchEvent } from "../../src/ports.ts";
import type { ObservedPolicy } from "../../src/observed.ts";
import { aReading } from "../support/builders.ts";
import { type Changes, policyOf, startTenants } from "../support/tenants.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

/** Edits of all of them in turn, a hundred a second. */
function edits(clock: VirtualClock, policies: readonly ObservedPolicy[]): Changes {
  return async function* editing(signal): AsyncGenerator<WatchEvent<ObservedPolicy>> {
    for (let count = 1; !signal.aborted; count++) {
      await new Promise<void>((resolve) => clock.after(10, resolve));
      const policy = policies[count % policies.length];
      const resourceVersion = String(count);
      if (policy) yield { type: "set", object: { ...policy, generation: count, resourceVersion } };
    }
  };
}

/** Looks at the tenant's policies within ten seconds of edits. */
async function looksAt(policyCount: number, busyMs: number): Promise<number> {
  const clock = new VirtualClock();
  const names = Array.from({ length: policyCount }, (_, at) => policyOf("tenant", `t-${at}`));
  let looks = 0;
  const readData: Cluster["readData"] = async (_, namespace, name) => {
    await new Promise<void>((resolve) => clock.after(1, resolve));
    if (namespace === "tenant") looks += 1;
    const data = { uri: `postgresql://app@${name}/orders` };
    return { kind: "ok", value: { resourceVersion: "1", data, busyMs } };
  };
  startTenants({
    clock,
    policies: names,
    cluster: { readData },
    database: { read: () => Promise.resolve({ kind: "read", reading: aReading() }) },
    changes: edits(clock, names),
  });
  await clock.advance(5_000);
  looks = 0;
  await clock.advance(10_000);
  return looks;
}

test("edits of one policy have it looked at twice a second", async () => {
  expect(await looksAt(1, 0.5)).toBeLessThanOrEqual(21);
});

test("edits of policies with small secrets are all looked at", async () => {
  expect(await looksAt(50, 0.5)).toBeGreaterThan(900);
});

test("what large secrets cost leaves others most of the thread", async () => {
  const looks = await looksAt(50, 10);
  expect(looks * 10).toBeLessThanOrEqual(10_000 / 4);
  expect(looks).toBeGreaterThan(100);
});
