// One host and port behind which a router leads each login to a server of its own: anybody may rent
// a server beside somebody else's, and must not be taken for it.

import { expect, test } from "vitest";
import { createMetrics } from "../../src/adapters/metrics.ts";
import { parseConnectionUri } from "../../src/domain/supply/connection-uri.ts";
import type { DatabaseReading } from "../../src/domain/facts/facts.ts";
import type { Database, DatabaseTarget } from "../../src/ports.ts";
import { DatabaseReconciler } from "../../src/reconcile/database-reconciler.ts";
import { Logins } from "../../src/reconcile/resolve/logins.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { Rereads } from "../../src/reconcile/memory/rereads.ts";
import { aReading, sessions, startMs } from "../support/builders.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { aResolvedPolicy } from "../support/two-names.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const name = "eu-central-1.pooler.example.com:5432";

type Behind = Partial<DatabaseReading> | "refused" | "away";
/** Where each user is led to. */
type Servers = Record<string, Behind>;

const victim = {
  ...{ systemIdentifier: "1111", startedAtMicroseconds: 1, seesAllSessions: true },
  ...{ maxConnections: 100, sessions: [sessions(40)] },
};
const tenant = {
  ...{ systemIdentifier: "2222", startedAtMicroseconds: 2, seesAllSessions: true },
  ...{ maxConnections: 5_000, sessions: [] },
};

/** What the API server had said of each user's policy at the start. */
type Past = Record<string, { readonly createdAtMs?: number; readonly hadRead?: string }>;

function openRouter(
  servers: Servers,
  past: Past = {},
): {
  readonly book: PolicyBook;
  readonly log: MemoryLog;
  /** So many readings, half a minute apart; after each what is believed of the name. */
  readonly pass: (times: number) => Promise<readonly unknown[]>;
  readonly failureOf: (key: string) => string | undefined;
  /** After each reading: who looks at who is at work from then on. */
  readonly lookers: (string | undefined)[];
} {
  const lookers: (string | undefined)[] = [];
  const clock = new VirtualClock(startMs);
  const database: Database = {
    read: (target) => {
      const behind = servers[userOf(target) ?? ""];
      if (typeof behind === "object") {
        return Promise.resolve({ kind: "read", reading: aReading(behind) });
      }
      const reason = behind === "refused" ? "AuthenticationFailed" : "DatabaseUnreachable";
      return Promise.resolve({ kind: "failed", reason, message: "no" });
    },
    forget: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const [book, readings, logins] = [new PolicyBook(), new Readings(), new Logins()];
  for (const user of Object.keys(servers)) {
    const { createdAtMs = startMs, hadRead } = past[user] ?? {};
    const seniority = { createdAtMs, hadRead };
    book.set({ ...aResolvedPolicy(`${user}/p`, name, user), namespace: user, seniority });
  }
  const [log, enqueueDatabase, intervalMs] = [new MemoryLog(), (): void => undefined, 30_000];
  const rereads = new Rereads({ readings, clock, intervalMs, enqueueDatabase });
  const { metrics } = createMetrics();
  const reconciler = new DatabaseReconciler({
    ...{
      book,
      readings,
      logins,
      looks: { watch: (_, target) => lookers.push(userOf(target)), stop: () => undefined },
      rereads,
      database,
      clock,
      metrics,
      log,
      intervalMs,
    },
    ...{ random: { next: () => 0.5 }, enqueueServer: () => undefined, enqueueDatabase },
  });
  const believed = (): unknown => {
    const { reading, sessionSamples } = readings.factsOf(name, {
      monotonicMs: clock.monotonicMs(),
    });
    const last = sessionSamples.at(-1)?.sessions.reduce((sum, { count }) => sum + count, 0);
    return [reading?.systemIdentifier, reading?.maxConnections, last];
  };
  const pass = async (times: number): Promise<readonly unknown[]> => {
    const seen: unknown[] = [];
    for (let time = 0; time < times; time++) {
      await reconciler.reconcile(name);
      seen.push(believed());
      await clock.advance(intervalMs);
    }
    return seen;
  };
  const failureOf = (key: string): string | undefined => {
    const policy = book.get(key);
    return policy && logins.failureOf(policy)?.reason;
  };
  return { book, log, pass, failureOf, lookers };
}

function userOf(target: DatabaseTarget | undefined): string | undefined {
  const parsed = target && parseConnectionUri(target.uri);
  return parsed?.kind === "uri" ? parsed.uri.user : undefined;
}

const ofVictim = ["1111", 100, 40];
const six = (one: unknown): unknown[] => Array<unknown>(6).fill(one);

test("two servers behind one name are not mixed, and whom it concerns is told", async () => {
  const { pass, failureOf, log } = openRouter({ shop: victim, tenant });
  expect(await pass(6)).toEqual(six(ofVictim));
  expect(failureOf("shop/p")).toBeUndefined();
  expect(failureOf("tenant/p")).toBe("AnotherServer");
  expect(JSON.stringify(log.lines)).toContain("not by that of a router or a pooler");
});

test.each([
  { name: "the policy that was made first", past: { shop: { createdAtMs: startMs - 1_000 } } },
  {
    name: "whose login had read it, younger though its policy is",
    past: { shop: { hadRead: name }, "a-tenant": { createdAtMs: startMs - 1_000 } },
  },
  {
    name: "the older one, where the other had read another server",
    past: {
      shop: { createdAtMs: startMs - 1_000 },
      "a-tenant": { hadRead: "db.tenant.svc:5432" },
    },
  },
])("after a start the server counts of $name, whatever others are called", async ({ past }) => {
  const { pass, failureOf } = openRouter({ "a-tenant": tenant, shop: victim }, past);
  expect(await pass(6)).toEqual(six(ofVictim));
  expect([failureOf("shop/p"), failureOf("a-tenant/p")]).toEqual([undefined, "AnotherServer"]);
});

test("a login that is new does not replace the server that others have read", async () => {
  const { pass, book, failureOf } = openRouter({ "a-tenant": tenant, shop: victim });
  const late = book.get("a-tenant/p");
  book.delete("a-tenant/p");
  expect(await pass(1)).toEqual([ofVictim]);
  if (late) book.set(late);
  expect(await pass(6)).toEqual(six(ofVictim));
  expect(failureOf("a-tenant/p")).toBe("AnotherServer");
});

test.each(["refused", "away"] as const)(
  "nor while the login that read it is %s",
  async (behind) => {
    const servers: Servers = { shop: victim, tenant };
    const { pass } = openRouter(servers);
    await pass(2);
    servers["shop"] = behind;
    expect(await pass(6)).toEqual(six(ofVictim));
    servers["shop"] = victim;
    expect(await pass(6)).toEqual(six(ofVictim));
  },
);

test("a name for reading may be any of several standbys", async () => {
  const standby = { ...victim, isStandby: true };
  const servers: Servers = { shop: standby, jobs: { ...standby, startedAtMicroseconds: 7 } };
  const { pass, failureOf } = openRouter(servers);
  await pass(6);
  expect([failureOf("shop/p"), failureOf("jobs/p")]).toEqual([undefined, undefined]);
});

test("a server that is restarted, or fails over, is the one that counts", async () => {
  const servers: Servers = { shop: victim, jobs: victim, tenant };
  const { pass, failureOf } = openRouter(servers);
  await pass(3);
  const restarted = { ...victim, startedAtMicroseconds: 3, maxConnections: 200 };
  servers["shop"] = restarted;
  servers["jobs"] = restarted;
  expect(await pass(6)).toEqual(six(["1111", 200, 40]));
  expect([failureOf("shop/p"), failureOf("jobs/p")]).toEqual([undefined, undefined]);
  expect(failureOf("tenant/p")).toBe("AnotherServer");
});

test("once no login is left that found it, another's server counts", async () => {
  const { pass, book, failureOf } = openRouter({ shop: victim, tenant });
  await pass(2);
  book.delete("shop/p");
  expect((await pass(2)).at(-1)).toEqual(["2222", 5_000, 0]);
  expect(failureOf("tenant/p")).toBeUndefined();
});

test("who is at work is looked at with the login whose reading counts, and no other", async () => {
  const lesser = { ...victim, seesAllSessions: false };
  const { book, pass, lookers } = openRouter({ jobs: lesser, shop: victim, tenant });
  for (let edit = 0; edit < 4; edit++) {
    // Each time with another password: a new login, which is tried after those that work.
    book.set({ ...aResolvedPolicy("tenant/p", name, `tenant:${edit}`), namespace: "tenant" });
    await pass(1);
  }
  expect(lookers).toEqual(Array(4).fill("shop"));
});

test("nobody looks with a login that hides which server it found, or that is refused", async () => {
  const hidden = { systemIdentifier: undefined, startedAtMicroseconds: undefined };
  const servers: Servers = { shop: victim, tenant: { ...tenant, ...hidden } };
  const { pass, lookers } = openRouter(servers);
  await pass(2);
  servers["shop"] = "refused";
  await pass(2);
  expect(lookers).toEqual(["shop", "shop", undefined, undefined]);
  servers["shop"] = victim;
  await pass(4);
  expect(lookers.at(-1)).toBe("shop");
});

test("a login that hides which server it found raises nothing", async () => {
  const hidden = { systemIdentifier: undefined, startedAtMicroseconds: undefined };
  const servers: Servers = { shop: victim, tenant: { ...tenant, ...hidden } };
  const { pass } = openRouter(servers);
  expect(await pass(6)).toEqual(six(ofVictim));
  servers["shop"] = "refused";
  const seen = (await pass(6)) as readonly (readonly [unknown, number])[];
  expect(seen.map(([, maxConnections]) => maxConnections)).toEqual(six(100));
});
