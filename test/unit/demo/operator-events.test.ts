// The demo repeats what the operator decides for the policy, once and in order.
import { expect, test } from "vitest";
import { operatorEvents } from "../../demo/operator-events.ts";

test("events of the operator about policies are told in the order of their times", () => {
  const event = (note: string, second: number, kind: string, reason = "GrantChanged"): object => ({
    note,
    regarding: { kind },
    reason,
    reportingController: kind === "Node" ? "kubelet" : "poolwarden.dev/poolwarden",
    eventTime: `2026-01-01T00:00:0${second}.000000Z`,
  });
  const events = [
    event("second", 2, "PoolPolicy"),
    event("workload", 1, "Deployment"),
    event("other", 1, "PoolPolicy", "Ready"),
    event("other", 1, "Node"),
    event("first", 1, "PoolPolicy"),
  ];
  expect(operatorEvents(events)).toMatchObject([{ note: "first" }, { note: "second" }]);
});
