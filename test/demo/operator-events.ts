// What the operator tells the users in Kubernetes events, in the order in which it said it.
import { fieldManager, group } from "../../src/api/group.ts";
import { read } from "../support/kubernetes-rest.ts";

const CONTROLLER = `${group}/${fieldManager}`;
const TOLD = new Set(["GrantChanged", "RollStarted"]);

/** What it decided, from its events about PoolPolicies; those about workloads repeat them. */
export function operatorEvents(events: readonly unknown[]): unknown[] {
  return events
    .filter((event) => read(event, "reportingController") === CONTROLLER)
    .filter((event) => TOLD.has(String(read(event, "reason"))))
    .filter((event) => read(event, "regarding", "kind") === "PoolPolicy")
    .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
}

function timeOf(event: unknown): string {
  return String(read(event, "eventTime"));
}
