// Beside whom a policy counts in a CONNECTION LIMIT: words of a bounded namespace bind itself
// alone, until the server has let it in with that login.

import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { circlesOf, isShared } from "../../../src/domain/supply/login-circles.ts";
import { loginLimits } from "../../../src/domain/supply/login-limits.ts";
import { capacityOf } from "../../../src/domain/supply/capacity.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import * as builders from "../../support/builders.ts";

const { aDatabase, aGrant, aPolicy, aReading, aSnapshot, aWorkload, ofFleet, pods } = builders;

const namespaceQuotas = [{ namespace: "*", amount: 50, unit: "percent" }] as const;
const role = { kind: "role", name: "shop_app" } as const;
const unsaid = { role: undefined, database: undefined };
const shop = aPolicy("orders", { role: "shop_app" });
const address = { address: "db:5432", maxConnections: 1000 };
const saysRole = { database: { ...address, role: "shop_app" } };
const everything = { reserve: { connections: "100%" } };

function guest(spec: object, more: object = {}): PolicyFacts {
  return aPolicy("app", { namespace: "guest", ...unsaid, ...more, spec });
}

/** At the address of a pod of the guest's. */
const seen = builders.sessions(2, { user: "shop_app", address: "10.0.0.9" });

function beside(policy: PolicyFacts | undefined, more: Partial<Snapshot> = {}): Snapshot {
  const ours = pods(3, { poolSize: 2, addresses: ["10.0.0.1"] });
  const roleLimits = { shop_app: 60, guest_app: -1 };
  const web = aWorkload("web", { pods: ours, grant: aGrant(2) });
  const own = { namespace: "guest", policy: "guest/app", grant: aGrant(4) };
  const app = aWorkload("app", { ...own, pods: pods(2, { poolSize: 4, addresses: ["10.0.0.9"] }) });
  return aSnapshot({
    database: aDatabase({ reading: aReading({ maxConnections: 1000, roleLimits }) }),
    policies: policy ? [shop, policy] : [shop],
    workloads: policy ? [web, app] : [web],
    namespaceQuotas,
    ...more,
  });
}

function withSessions(snapshot: Snapshot): Snapshot {
  const reading = aReading({ ...snapshot.database.reading, sessions: [seen] });
  return { ...snapshot, database: aDatabase({ reading, fleetAddresses: ofFleet("10.0.0.9") }) };
}

interface Row {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Of the guest; undefined: it counts beside the others. */
  readonly circle: string | undefined;
}

const saysIt = guest(saysRole, { role: "shop_app" });
const refused = { reason: "AuthenticationFailed", message: "refused" } as const;
const secret = { database: { secretRef: { name: "db" } } };

const rows: readonly Row[] = [
  { name: "an address", snapshot: beside(guest({ database: address })), circle: "guest" },
  { name: "an address and the role", snapshot: beside(saysIt), circle: "guest" },
  {
    name: "a secret whose login is refused",
    snapshot: beside(guest(secret, { role: "shop_app", failure: refused })),
    circle: "guest",
  },
  {
    name: "a secret of another login, and the role",
    snapshot: beside(
      guest({ database: { ...secret.database, role: "shop_app" } }, { role: "shop_app" }),
    ),
    circle: "guest",
  },
  {
    name: "a secret with the login",
    snapshot: beside(guest(secret, { role: "shop_app" })),
    circle: undefined,
  },
  {
    name: "an address, and sessions of its pods with the login",
    snapshot: withSessions(beside(guest({ database: address }))),
    circle: undefined,
  },
  {
    name: "a role that the server does not have, and sessions of its pods with the login",
    snapshot: withSessions(
      beside(guest({ database: { ...address, role: "nobody" } }, { role: "nobody" })),
    ),
    circle: undefined,
  },
  {
    name: "the role, where its namespace is not bounded",
    snapshot: beside(saysIt, {
      namespaceQuotas: [{ namespace: "shop", amount: 50, unit: "percent" }],
    }),
    circle: undefined,
  },
];

describe("in a CONNECTION LIMIT of others counts a policy with", () => {
  test.each(rows)("$name: in circle $circle", ({ snapshot, circle }) => {
    const circles = circlesOf(snapshot, role);
    const own = circles.filter(({ policies }) => policies.some((one) => one !== shop));

    expect(own.map(({ namespace }) => namespace)).toEqual([circle]);
    expect(circle !== undefined && isShared(snapshot, role)).toBe(false);
  });
});

function outcomeOf(snapshot: Snapshot): unknown {
  const decision = plan(snapshot, builders.startMs);
  const index = decision.positions.findIndex(({ workload }) => workload.name === "web");
  const { poolSize, decision: word } = decision.pools[index]?.grant ?? {};
  return { share: decision.pools[index]?.share, poolSize, word };
}

describe("beside a bounded namespace with no login of its own", () => {
  const alone = outcomeOf(beside(undefined));

  test.each([
    { name: "an address", policy: guest({ database: address }) },
    { name: "an address and a reserve", policy: guest({ database: address, ...everything }) },
    { name: "the role", policy: saysIt },
    {
      name: "the role and a reserve of everything",
      policy: guest({ ...saysRole, ...everything }, { role: "shop_app" }),
    },
    {
      name: "a role that the server does not have",
      policy: guest({ database: { ...address, role: "nobody" } }, { role: "nobody" }),
    },
    {
      name: "a secret that was in force and is gone",
      policy: guest(secret, { status: { workloads: [] }, failure: refused }),
    },
  ])("all have what they would have alone: it says $name", ({ policy }) => {
    expect(outcomeOf(beside(policy))).toEqual(alone);
  });

  test("its own pods are bound by the limit that it says, by a limit of another name", () => {
    const snapshot = beside(saysIt);
    const capacity = capacityOf(snapshot);
    const limits = capacity ? loginLimits(snapshot, capacity) : [];

    expect(limits.map(({ name }) => name)).toEqual([
      "role shop_app",
      "role shop_app in namespace guest",
    ]);
    expect(limits.map(({ pools }) => [...pools])).toEqual([
      ["shop/Deployment/web"],
      ["guest/Deployment/app"],
    ]);
  });

  test("sessions of the others with the login take from what it has of it", () => {
    const taken = builders.sessions(30, { user: "shop_app", address: "10.0.0.1" });
    const snapshot = beside(saysIt);
    const reading = aReading({ ...snapshot.database.reading, sessions: [taken] });
    const database = aDatabase({ reading, fleetAddresses: ofFleet("10.0.0.1") });
    const capacity = capacityOf(snapshot);
    const limits = capacity ? loginLimits({ ...snapshot, database }, capacity) : [];

    expect(limits.at(-1)?.slots).toBe(60 - 10 - 30);
  });
});

describe("of those that the server lets in", () => {
  test("a reserve of a bounded namespace counts for others up to the default", () => {
    const snapshot = beside(guest({ ...secret, ...everything }, { role: "shop_app" }));
    const capacity = capacityOf(snapshot);
    const [limit, ...more] = capacity ? loginLimits(snapshot, capacity) : [];

    expect(more).toEqual([]);
    expect(limit?.slots).toBe(60 - 10);
    expect(limit?.pools.size).toBe(2);
  });

  test("a bounded namespace has an equal part of the limit, whoever else only says the role", () => {
    const also = aPolicy("x", { namespace: "mere", ...unsaid, role: "shop_app", spec: saysRole });
    const cut = (policies: readonly PolicyFacts[]): string | undefined =>
      capacityOf({ ...beside(undefined), policies }, "shop")?.boundBy;

    expect(cut([shop, also])).toBe("CONNECTION LIMIT 60 of role shop_app");
    expect(cut([shop, guest(secret, { role: "shop_app" })])).toMatch(/a part of 2$/);
  });
});
