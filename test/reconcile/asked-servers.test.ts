// What has a server read, beside the interval: whoever could ask for it without end would have the
// server asked with somebody else's login. The whole operator on a clock of the test's.
import { expect, it } from "vitest";
import { aReading } from "../support/builders.ts";
import { policyOf, startTenants } from "../support/tenants.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const server = "orders-db:5432";
const victim = policyOf("shop", "orders-db");
const certificate = "-----BEGIN CERTIFICATE-----";

type Edit = (count: number) => Record<string, unknown>;

interface Given {
  readonly edit?: Edit;
  readonly isRefused?: boolean;
  readonly everyMs?: number;
  readonly hasCa?: boolean;
  readonly forMs?: number;
}

const address = { address: server, maxConnections: 50 };

/** When the server was read, beside the first readings, while a tenant edits. */
async function readAfter(given: Given): Promise<readonly number[]> {
  const { edit, isRefused = false, everyMs = 100, hasCa = false, forMs = 26_000 } = given;
  const clock = new VirtualClock();
  const reads: number[] = [];
  const tenant = policyOf("tenant", "orders-db", {
    spec: { database: address, workloads: [{ name: "web" }] },
  });
  const owned = { secretRef: { name: "orders-db", ...(hasCa && { caKey: "ca" }) } };
  const { generation, ...policy } = tenant;
  startTenants({
    clock,
    policies: [{ ...victim, spec: { ...(victim.spec as object), database: owned } }, tenant],
    changes: async function* editing(signal) {
      for (let count = 1; edit && !signal.aborted; count++) {
        await new Promise<void>((resolve) => clock.after(everyMs, resolve));
        const database = { ...address, ...edit(count) };
        const spec = { database, workloads: [{ name: "web", weight: 1 + (count % 5) }] };
        const versions = { generation: generation + count, resourceVersion: String(1 + count) };
        yield { type: "set", object: { ...policy, ...versions, spec } };
      }
    },
    cluster: {
      readData: (_, __, name) => {
        const data = { uri: `postgresql://app@${name}/orders?sslmode=require`, ca: certificate };
        return Promise.resolve({ kind: "ok", value: { resourceVersion: "1", data } });
      },
    },
    database: {
      read: async () => {
        reads.push(clock.monotonicMs());
        await new Promise<void>((resolve) => clock.after(5, resolve));
        if (isRefused) return { kind: "failed", reason: "AuthenticationFailed", message: "no" };
        return { kind: "read", reading: aReading({}) };
      },
    },
  });
  await clock.advance(forMs);
  return reads.filter((atMs) => atMs > (reads[0] ?? 0) + 4_000);
}

it("an edit of a policy that only names the address has the server read no more often", async () => {
  const alone = await readAfter({});
  expect(await readAfter({ edit: () => ({}) })).toEqual(alone);
});

it.each([
  { name: "that asks for another role each time", isRefused: false },
  { name: "of a server that refuses", isRefused: true },
])("an edit $name has it read at most every two seconds", async ({ isRefused }) => {
  const edit: Edit = (count) => ({ role: `role-${String(count)}` });
  const reads = await readAfter({ edit, isRefused });
  expect(reads.length).toBeGreaterThan(8);
  expect(reads.length).toBeLessThanOrEqual(13);
});

it("a role that was never asked for is asked for within two seconds", async () => {
  const reads = await readAfter({
    edit: (count) => ({ role: count < 5 ? "a" : "b" }),
    everyMs: 2_500,
  });
  const atMs = 5 * 2_500;
  expect(reads.some((one) => one >= atMs && one <= atMs + 2_000)).toBe(true);
});

it("a look at a policy with a CA that has not changed has it read no more often", async () => {
  const forMs = 100_000;
  const reads = await readAfter({ forMs });
  expect(reads.length).toBeGreaterThan(1);
  expect(await readAfter({ forMs, hasCa: true })).toEqual(reads);
});
