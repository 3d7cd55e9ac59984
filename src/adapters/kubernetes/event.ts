// An event of ours in the form of events.k8s.io/v1, which kubectl describe shows under its object.

import { fieldManager, group } from "../../api/group.ts";
import type { KubernetesEvent } from "../../ports.ts";

/** The API server's own limit is 1024. */
const noteLimitBytes = 1000;

interface EventBody {
  readonly metadata: { readonly generateName: string; readonly namespace: string };
  readonly [more: string]: unknown;
}

/** The server completes the name, so that no event is lost because an equal one was told before. */
export function buildEvent(
  event: KubernetesEvent,
  { nowMs, instance }: { nowMs: number; instance: string },
): EventBody {
  const { regarding, type, reason, action, message } = event;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: {
      generateName: `${regarding.name}-`,
      // Events about objects without a namespace live in this one.
      namespace: regarding.namespace === "" ? "default" : regarding.namespace,
    },
    // A MicroTime: the API server refuses fewer than six digits.
    eventTime: new Date(nowMs).toISOString().replace("Z", "000Z"),
    reportingController: `${group}/${fieldManager}`,
    reportingInstance: instance.slice(0, 128),
    type,
    reason,
    action,
    note: shorten(message),
    regarding,
  };
}

// The limit counts bytes, and the cut may fall within a character.
function shorten(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= noteLimitBytes) return message;
  return `${bytes
    .subarray(0, noteLimitBytes)
    .toString()
    .replace(/\uFFFD$/, "")}…`;
}
