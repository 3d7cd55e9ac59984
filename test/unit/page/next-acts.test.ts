// What is about to happen, and what waits.
import { expect, test } from "vitest";
import { nextActs } from "../../../src/page/next-acts.ts";
import { fleetViewOf, type PoolView } from "../../../src/render/fleet-view.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

function decided(...decisions: readonly string[]): PoolView[] {
  const [pool] = fleetViewOf([ordersReport()]).pools;
  if (!pool) throw new Error("no pool");
  return decisions.map((decision, at) => ({
    ...pool,
    row: { ...pool.row, decision, workload: `Deployment/w${at}`, message: `why ${at}` },
  }));
}

test("what waits comes first, what nothing happens to is left out", () => {
  const { markup } = nextActs(decided("Grow", "Unchanged", "Wait", "Unmanaged"));

  expect(
    markup
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll(/ +/g, " ")
      .trim(),
  ).toBe("Wait shop Deployment/w2: why 2 Grow shop Deployment/w0: why 0");
});

test("of many it says how many more there are", () => {
  expect(nextActs(decided(...Array.from({ length: 60 }, () => "Roll"))).markup).toContain(
    "10 more",
  );
});

test("of none it says so", () => {
  expect(nextActs(decided("Unchanged")).markup).toContain("Nothing");
});
