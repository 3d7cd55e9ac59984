// What a roll waits for because it is not read yet.

import { describe, expect, test } from "vitest";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import type { AwaitedPolicy } from "../../../src/domain/facts/facts.ts";
import { untilItsSecretIsRead } from "../../../src/domain/supply/awaited-policies.ts";
import { aGrant, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

function awaited(namespace: string, isHold: boolean): AwaitedPolicy {
  return { key: `${namespace}/new`, namespace, isHold };
}

describe("a fleet that is over its budget", () => {
  const web = aWorkload("web", {
    ...{ pods: pods(4, { poolSize: 60 }), replicas: 4, grant: aGrant(18) },
  });

  function planned(...awaitedPolicies: readonly AwaitedPolicy[]): Plan {
    return plan(aSnapshot({ workloads: [web], awaitedPolicies }), startMs);
  }

  test("replaces no pod before such a policy is read, and says so", () => {
    const { rolls } = planned(awaited("shop", false));
    const until = untilItsSecretIsRead({ key: "shop/new" });
    expect(rolls).toMatchObject({ roll: undefined, eviction: undefined });
    expect(rolls.waiting[0]?.obstacle.message).toBe(`waits ${until}`);
  });

  test("replaces them beside one of another namespace that has held it for long", () => {
    const acts = ({ rolls: { roll, eviction } }: Plan): boolean =>
      roll !== undefined || eviction !== undefined;
    expect(acts(planned(awaited("jobs", true)))).toBe(false);
    expect(acts(planned(awaited("jobs", false)))).toBe(true);
  });
});
