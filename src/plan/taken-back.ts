// Whether a manifest takes something back: it was said before, it is not said any more, and what
// runs would be another without it. What goes back to the default that it had is no change.

import { at } from "../adapters/kubernetes/raw-values.ts";
import { isUnstored, partnersOf } from "./contained.ts";

/** What the API server puts where nothing is said. */
const defaults: Readonly<Record<string, unknown>> = {
  ...{ restartPolicy: "Always", dnsPolicy: "ClusterFirst", schedulerName: "default-scheduler" },
  ...{ terminationGracePeriodSeconds: 30, terminationMessagePath: "/dev/termination-log" },
  ...{ terminationMessagePolicy: "File", protocol: "TCP", scheme: "HTTP", defaultMode: 420 },
  ...{ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  ...{ enableServiceLinks: true, apiVersion: "v1", replicas: 1 },
};

/** `before`, `given` and `live`: the same part of what was said, is said now, and runs. */
export function isTakenBack(before: unknown, given: unknown, live: unknown): boolean {
  if (Array.isArray(before)) return isItemTakenBack(before, given, live);
  if (typeof before !== "object" || before === null) return false;
  return Object.entries(before).some(([name, said]: [string, unknown]) => {
    const [now, running] = [at(given, name), at(live, name)];
    if (isUnstored(said, name) || isUnstored(running, name)) return false;
    if (isUnstored(now, name)) return running !== defaults[name] && !isEmpty(running);
    return isTakenBack(said, now, running);
  });
}

/** Lists without names are compared as they are, elsewhere. */
function isItemTakenBack(before: readonly unknown[], given: unknown, live: unknown): boolean {
  if (!Array.isArray(given) || !Array.isArray(live)) return false;
  return before.some((said, position) => {
    const [running, now] = [live, given].map((one) => partnersOf(said, one, position));
    if (running?.length === 0) return false;
    return !now?.some((one) => running?.some((its) => !isTakenBack(said, one, its)));
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
