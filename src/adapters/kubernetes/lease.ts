// One Lease object, by name. Written by a merge patch that carries the resourceVersion: it fails if
// anybody has written in between, and leaves labels and whatever else is in the object alone.

import { fieldManager } from "../../api/group.ts";
import { OperatorError } from "../../errors.ts";
import type { Lease, LeaseRecord, StoredLease } from "../../ports.ts";
import type { Client } from "./client.ts";
import { attempt } from "./attempt.ts";
import { identify } from "./identity.ts";
import { at, longest, text, textOfAnyLength } from "./raw-values.ts";
import { collectionPath, objectPath, resourceOf } from "./resources.ts";

export interface LeaseOptions {
  /** Of which every request ends in time; see the head of runtime/leader-election.ts. */
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
}

const resource = resourceOf("Lease");
const query = { fieldManager };

export function createLease({ client, namespace, name }: LeaseOptions): Lease {
  const path = objectPath(resource, namespace, name);
  return {
    read: () => attempt(client, ["GET", path], (raw) => parse(raw, path)),
    create: (record) => {
      const body = {
        apiVersion: resource.apiVersion,
        kind: "Lease",
        metadata: { name, namespace },
        spec: specOf(record),
      };
      const collection = collectionPath(resource, namespace);
      return attempt(client, ["POST", collection, { query, body }], (raw) => parse(raw, path));
    },
    replace: ({ resourceVersion }, record) => {
      const body = { metadata: { resourceVersion }, spec: specOf(record) };
      const options = { query, body, contentType: "application/merge-patch+json" };
      return attempt(client, ["PATCH", path, options], (raw) => parse(raw, path));
    },
  };
}

/** Null takes a field away: the API server refuses a holder without a name. */
function specOf(record: LeaseRecord): object {
  return {
    holderIdentity: record.holder === "" ? null : record.holder,
    leaseDurationSeconds: Math.max(1, Math.ceil(record.durationMs / 1000)),
    acquireTime: microTime(record.acquiredAtMs),
    renewTime: microTime(record.renewedAtMs),
    leaseTransitions: record.transitions,
  };
}

/** The API server refuses fewer than six digits. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

function parse(raw: unknown, path: string): StoredLease {
  const identity = identify(raw);
  if (!identity) throw new OperatorError("K8S_UNAVAILABLE", `${path}: the answer is no Lease`);
  const spec = at(raw, "spec");
  return {
    uid: identity.uid,
    resourceVersion: identity.resourceVersion,
    record: {
      holder: textOfAnyLength(at(spec, "holderIdentity")) ?? "",
      durationMs: 1000 * numberOf(at(spec, "leaseDurationSeconds")),
      acquiredAtMs: timeOf(at(spec, "acquireTime")),
      renewedAtMs: timeOf(at(spec, "renewTime")),
      transitions: numberOf(at(spec, "leaseTransitions")),
    },
  };
}

/** 0 where there is none. */
function numberOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

function timeOf(value: unknown): number {
  return Date.parse(text(value, longest.time) ?? "") || 0;
}
