// What is kept of all workloads and pods of a namespace has a bound, and honest ones never meet it.

import { expect, test } from "vitest";
import type { ObservedContainer } from "../../src/observed.ts";
import { type Bulky, NamespaceBudget } from "../../src/reconcile/memory/namespace-budget.ts";

const budgetCharacters = 16 * 2 ** 20;
let serial = 0;

/** `characters` of variables, as of labels. */
function workload(namespace: string, characters: number): Bulky {
  serial += 1;
  const value = String(serial).padEnd(characters, "x");
  return {
    key: `${namespace}/w${serial}`,
    containers: [{ name: "app", env: [{ name: "SIZE", value }], envFrom: [] }],
    labels: { app: value },
    envManagers: { "app/SIZE": ["somebody"] },
  };
}

function charactersOf(kept: readonly Bulky[]): number {
  return JSON.stringify(kept).length;
}

test("all of what a namespace usually has is kept", () => {
  const budget = new NamespaceBudget();
  const given = Array.from({ length: 1_000 }, () => workload("shop", 2_000));
  expect(given.map((one) => budget.fit(one))).toEqual(given);
});

test("beyond the budget variables go first, then labels, and never the object", () => {
  const budget = new NamespaceBudget();
  const given = Array.from({ length: 1_000 }, () => workload("tenant", 50_000));
  const kept = given.map((one) => budget.fit(one));
  expect(kept.map(({ key }) => key)).toEqual(given.map(({ key }) => key));
  expect(charactersOf(kept)).toBeLessThan(2 * budgetCharacters + 1_000 * 200);
  expect(kept[0]).toBe(given[0]);
  expect(kept[200]).toMatchObject({
    containers: [{ name: "app", env: [], envFrom: [], isCut: true }],
    labels: given[200]?.labels,
    envManagers: {},
  });
  expect(kept.at(-1)).toMatchObject({ containers: [], labels: {}, envManagers: {} });
});

test("another namespace loses nothing by it", () => {
  const budget = new NamespaceBudget();
  for (let at = 0; at < 1_000; at++) budget.fit(workload("tenant", 50_000));
  const own = workload("shop", 50_000);
  expect(budget.fit(own)).toBe(own);
});

test("what pods share counts once, cut or not", () => {
  const budget = new NamespaceBudget();
  const share = (containers: readonly ObservedContainer[]): readonly Bulky[] =>
    Array.from({ length: 10_000 }, (_, at) => budget.fit({ key: `shop/p${at}`, containers }));
  const { containers } = workload("shop", 50_000);
  for (const { containers: kept } of share(containers)) expect(kept).toBe(containers);
  for (let at = 0; at < 400; at++) budget.fit(workload("shop", 50_000));
  const cut = share(workload("shop", 500_000).containers);
  expect(cut[0]?.containers).toMatchObject([{ isCut: true }]);
  expect(new Set(cut.map(({ containers: kept }) => kept)).size).toBe(1);
});

test("what is gone gives its room back", () => {
  const budget = new NamespaceBudget();
  for (let at = 0; at < 1_000; at++) budget.forget(budget.fit(workload("shop", 50_000)));
  const own = workload("shop", 50_000);
  expect(budget.fit(own)).toBe(own);
});
