// One namespace beside another: what its servers may cost the readings of the other's. The whole
// operator on a clock of the test's.
import { expect, test, vi } from "vitest";
import type { ObservedPolicy } from "../../src/observed.ts";
import type { Database } from "../../src/ports.ts";
import { aReading } from "../support/builders.ts";
import {
  type Changes,
  intervalMs,
  policyOf,
  startTenants,
  type Tenants,
} from "../support/tenants.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

// A minute of them is thousands of policies, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const silentPorts = 150;
/** Not a part of the interval: readings that are due must not fall on the end of others. */
const readMs = 9_700;
const churnMs = 10;

/** Policies that are made, a hundred a second, and deleted a quarter of a second later. */
function churn(clock: VirtualClock): Changes {
  return async function* churning(signal) {
    for (let count = 0; !signal.aborted; count++) {
      await new Promise<void>((resolve) => clock.after(churnMs, resolve));
      const [born, dying] = [policyOf("a-tenant", `c-${count}`), `c-${count - 25}`];
      yield { type: "set", object: born };
      if (count < 25) continue;
      yield { type: "delete", key: `a-tenant/${dying}`, uid: `a-tenant-${dying}` };
    }
  };
}

interface Read {
  readonly server: string;
  readonly atMs: number;
}

interface Operator extends Tenants {
  /** Readings that began. */
  readonly reads: readonly Read[];
}

/** A server whose host begins with `silent` never answers. */
function start(
  clock: VirtualClock,
  policies: readonly ObservedPolicy[],
  changes?: Changes,
): Operator {
  const reads: Read[] = [];
  const read: Database["read"] = async ({ server }) => {
    reads.push({ server, atMs: clock.monotonicMs() });
    const reading = aReading({ systemIdentifier: server });
    if (!server.startsWith("silent")) return { kind: "read", reading };
    await new Promise<void>((resolve) => clock.after(readMs, resolve));
    return { kind: "failed", reason: "DatabaseTimeout", message: "no answer" };
  };
  const parts = { clock, policies, database: { read } };
  return { ...startTenants(changes ? { ...parts, changes } : parts), reads };
}

test("many silent servers of one namespace delay no reading of another's server", async () => {
  const clock = new VirtualClock();
  const silent = Array.from({ length: silentPorts }, (_, port) =>
    policyOf("a-tenant", `silent-${port}`),
  );
  const { reads } = start(clock, [...silent, policyOf("shop", "orders-db")]);

  await clock.advance(300_000);

  const ofVictim = reads.filter(({ server }) => server.startsWith("orders-db"));
  const pausesMs = ofVictim.map(({ atMs }, index) => atMs - (ofVictim[index - 1]?.atMs ?? 0));
  expect(ofVictim.length).toBeGreaterThanOrEqual(10);
  expect(Math.max(...pausesMs)).toBeLessThanOrEqual(intervalMs + 100);
  expect(reads.length - ofVictim.length).toBeGreaterThan(100);
});

test("policies that come and go without end keep no server of another namespace from being decided", async () => {
  const [quiet, busy] = [new VirtualClock(), new VirtualClock()];
  const victim = policyOf("shop", "orders-db");
  const alone = start(quiet, [victim]);
  const beside = start(busy, [victim], churn(busy));

  await quiet.advance(2.1 * intervalMs);
  await busy.advance(2.1 * intervalMs);

  const decisions = alone.decisionsOn("orders-db:5432");
  expect(decisions).toBeGreaterThanOrEqual(3);
  expect(beside.decisionsOn("orders-db:5432")).toBeGreaterThanOrEqual(decisions);
});

test("nothing is counted any more of servers that no policy names", async () => {
  const clock = new VirtualClock();
  const names = Array.from({ length: 20 }, (_, index) => `gone-${index}`);
  const operator = start(
    clock,
    [policyOf("shop", "orders-db"), ...names.map((name) => policyOf("a-tenant", name))],
    async function* leaving() {
      await new Promise<void>((resolve) => clock.after(40_000, resolve));
      for (const name of names) {
        yield { type: "delete", key: `a-tenant/${name}`, uid: `a-tenant-${name}` };
      }
    },
  );
  await clock.advance(39_000);
  const before = await operator.metricsText();
  for (const name of names) expect(before).toContain(`server="${name}:5432"`);

  await clock.advance(120_000);

  const after = await operator.metricsText();
  expect(after).not.toContain("gone-");
  expect(after).toContain(
    'poolwarden_database_reads_total{server="orders-db:5432",outcome="read"}',
  );
  expect(after).toContain('poolwarden_grants_total{server="orders-db:5432"}');
});
