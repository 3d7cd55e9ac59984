// Pods without a limit are replaced first, also where nobody needs their slots.
import { describe, expect, it } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { mustBeBounded, unlimitedPodsOf } from "../../../src/domain/demand/unlimited.ts";
import {
  aGrant,
  aPolicy,
  aPosition,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const own = { poolSize: 51, source: "literal" as const, unlimited: true as const };
const unlimited = (count: number): ReturnType<typeof pods> => pods(count, { own });

describe("pods without a limit", () => {
  it("are counted while they go on", () => {
    const ending = pods(1, { own, terminating: true });
    expect(unlimitedPodsOf([...unlimited(2), ...ending, ...pods(3)])).toBe(2);
  });

  it("have to be bounded where we may replace them", () => {
    const position = aPosition(aWorkload("web", { pods: unlimited(1) }));
    expect(mustBeBounded(position)).toBe(true);
    expect(mustBeBounded({ ...position, managed: false })).toBe(false);
    expect(mustBeBounded(aPosition(aWorkload("web", { pods: pods(1) })))).toBe(false);
  });

  it.each([
    { name: "although their grant is larger", grant: 60 },
    { name: "although their grant is smaller, and nobody needs the slots", grant: 30 },
  ])("are rolled, $name", ({ grant }) => {
    const sizing = { floor: grant, ceiling: grant };
    const web = aWorkload("web", { sizing, grant: aGrant(grant), pods: unlimited(1) });
    const { rolls } = plan(aSnapshot({ policies: [aPolicy()], workloads: [web] }), startMs);
    expect(rolls.roll?.position.workload.name).toBe("web");
  });

  it("come before others that give back more, where all have to give back", () => {
    const sizing = { floor: 2, ceiling: 5 };
    const large = pods(1, { poolSize: 90 });
    const web = { sizing, grant: aGrant(5) };
    const workloads = [
      aWorkload("a", { ...web, pods: large }),
      aWorkload("b", { ...web, pods: unlimited(1) }),
      aWorkload("c", { ...web, pods: large }),
    ];
    const { rolls } = plan(aSnapshot({ policies: [aPolicy()], workloads }), startMs);
    const wishes = [...(rolls.roll ? [rolls.roll] : []), ...rolls.waiting.map(({ wish }) => wish)];
    const names = wishes.map(({ position }) => position.workload.name);
    expect(names).toEqual(["b", "a", "c"]);
  });
});
