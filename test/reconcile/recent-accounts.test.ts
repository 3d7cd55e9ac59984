// For how long everybody waits for policies of one namespace, and what is known of it meanwhile.

import { beforeEach, describe, expect, it } from "vitest";
import type { AwaitedPolicy } from "../../src/domain/awaited-facts.ts";
import { plan, type Plan } from "../../src/domain/plan.ts";
import { RecentAccounts } from "../../src/reconcile/recent-accounts.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../support/builders.ts";

const server = "db.shop.svc:5432";
const minuteMs = 60_000;
const share = { namespace: "crowd", amount: 40, unit: "percent" } as const;

let accounts: RecentAccounts;
beforeEach(() => {
  accounts = new RecentAccounts();
});

/** A workload of namespace crowd with so many pods of 10, beside one of another login. */
function decided(count: number, awaited: readonly AwaitedPolicy[] = []): Plan {
  const place = { namespace: "crowd", policy: "crowd/orders" };
  const reading = aReading({ roleLimits: { app: 150, bank: -1 } });
  return plan(
    aSnapshot({
      policies: [aPolicy("orders", { namespace: "crowd" }), aPolicy("other", { role: "bank" })],
      workloads: [
        aWorkload("web", {
          ...{ ...place, kind: "StatefulSet", grant: aGrant(10), pods: pods(count) },
        }),
      ],
      database: aDatabase({ reading }),
      ...(awaited.length > 0 && { awaited }),
    }),
    startMs,
  );
}

function asked(atMs: number, shares: readonly (typeof share)[] = []): AwaitedPolicy {
  return accounts.awaited(server, "crowd/new", { shares, monotonicMs: atMs });
}

describe("a policy that is awaited in a namespace without bounds", () => {
  it("is waited for by all as long as nothing is known of its namespace", () => {
    expect([0, 10 * minuteMs].map((atMs) => asked(atMs).holdsUpAll)).toEqual([true, true]);
  });

  it("is waited for by all for two seconds in a minute where it is", () => {
    accounts.note(decided(2), 0);
    const timesMs = [100, 1_000, 2_099, 2_100, 30_000, 60_099, 60_100, 62_099, 62_100];

    const held = timesMs.filter((atMs) => asked(atMs).holdsUpAll);

    expect(held).toEqual([100, 1_000, 2_099, 60_100, 62_099]);
  });
});

it("one in a bounded namespace is waited for by nobody else", () => {
  expect(asked(0, [share])).toMatchObject({ holdsUpAll: false, lateSlots: 0 });
});

describe("what a namespace held lately", () => {
  it("is the most of ten minutes, and where it counted", () => {
    accounts.note(decided(4), 0);
    accounts.note(decided(2), minuteMs);
    expect(asked(minuteMs)).toMatchObject({ lateSlots: 40, lateLimits: ["role app"] });

    accounts.note(decided(2), 10 * minuteMs);
    expect(asked(10 * minuteMs)).toMatchObject({ lateSlots: 20 });
  });

  it("is not what is there while a policy of it is missing", () => {
    accounts.note(decided(4), 0);
    accounts.note(decided(2, [asked(0)]), 11 * minuteMs);
    expect(asked(11 * minuteMs)).toMatchObject({ lateSlots: 40 });
  });

  it("is forgotten with the server, and when the namespace is long gone from it", () => {
    accounts.note(decided(4), 0);
    accounts.note({ ...decided(4), snapshot: aSnapshot() }, 10 * minuteMs);
    expect(asked(10 * minuteMs).lateSlots).toBe(0);

    accounts.note(decided(4), 10 * minuteMs);
    accounts.forget(server);
    expect(asked(10 * minuteMs).lateSlots).toBe(0);
  });
});
