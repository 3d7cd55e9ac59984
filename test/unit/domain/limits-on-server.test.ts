// Which limits one of several servers tells its policies: its own, and those of other servers that
// its pools connect to.
import { expect, test } from "vitest";
import { planUnit } from "../../../src/domain/decide/plan-unit.ts";
import * as build from "../../support/builders.ts";

const orders = build.aPolicy("orders");
const batch = build.aPolicy("batch");
const web = build.aWorkload("web", {
  pods: build.pods(2),
  grant: build.aGrant(10),
  sizing: { ceiling: 10 },
});
const nightly = build.aWorkload("nightly", { policy: "shop/batch", pods: build.pods(2) });
const quota = { namespace: "shop", amount: 50, unit: "percent" } as const;

const [onPrimary, onReplica] = planUnit(
  [
    build.aSnapshot({
      server: "db:5432",
      policies: [orders, batch],
      workloads: [web, nightly],
      namespaceQuotas: [quota],
    }),
    build.aSnapshot({
      server: "db-ro:5432",
      policies: [{ ...orders, isReplica: true }],
      workloads: [web],
      namespaceQuotas: [quota],
    }),
  ],
  build.startMs,
);

function namesOf(limits: readonly { readonly limit: object }[] = []): readonly string[] {
  return limits.map(({ limit }) => {
    const { kind, server } = limit as { readonly kind: string; readonly server?: string };
    return server === undefined ? kind : `${kind} ${server}`;
  });
}

test("a policy with a replica is told its quota here, the replica, and its quota there", () => {
  expect(namesOf(onPrimary?.limits.ofPolicy(orders))).toEqual([
    "namespace db:5432",
    "linked db-ro:5432",
    "namespace db-ro:5432",
  ]);
});

test("a policy without one is told of this server alone", () => {
  expect(namesOf(onPrimary?.limits.ofPolicy(batch))).toEqual(["namespace db:5432"]);
});

test("a pool has the server first, and the limits that it is a member of", () => {
  // By key: nightly, then web.
  expect(namesOf(onPrimary?.limits.of(0))).toEqual(["server", "namespace db:5432"]);
  expect(namesOf(onPrimary?.limits.of(1))).toHaveLength(4);
  expect(namesOf(onReplica?.limits.of(0))[0]).toBe("server");
});

test("a namespace is told its quota of each server by that server", () => {
  expect(onPrimary?.limits.ofNamespace("shop")?.limit.server).toBe("db:5432");
  expect(onReplica?.limits.ofNamespace("shop")?.limit.server).toBe("db-ro:5432");
});

test("what a rollout comes to is asked by the place on the server", () => {
  const slots = onReplica?.limits.whileRolling({ index: 0, poolSize: 11 }) ?? [];
  const named = slots.find(({ account: { limit } }) => {
    return limit.kind === "linked" && limit.name === "db-ro:5432";
  });
  // Two old pods of 10, or as many new ones of 11 beside two that are there by then.
  expect(named?.slots).toBe(44);
});
