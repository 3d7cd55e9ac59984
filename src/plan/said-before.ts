// What the last apply of an object has said, as far as the object still tells: `kubectl apply`
// keeps it in an annotation, server-side apply keeps whose each field is. A field that was said and
// is said no more is taken back by the next apply, and gets its default.

import { at, fields, list } from "../adapters/kubernetes/raw-values.ts";
import { fieldManager } from "../api/group.ts";

const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** In the form of the object; undefined where nothing tells. */
export function saidBefore(live: unknown): unknown {
  return lastApplied(live) ?? ownedByApply(live) ?? replicasOfHelm(live);
}

function lastApplied(live: unknown): unknown {
  return parsed(at(live, "metadata", "annotations", lastAppliedAnnotation));
}

/** Anybody may write into annotations. */
function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of the manager that has applied most of it, without fields that somebody else owns as well. */
function ownedByApply(live: unknown): unknown {
  const managed = list(at(live, "metadata", "managedFields"));
  const applied = managed.filter(
    (one) => at(one, "operation") === "Apply" && at(one, "manager") !== fieldManager,
  );
  const [most] = applied.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  if (most === undefined || sizeOf(most) <= "{}".length) return undefined;
  const others = managed.filter((one) => one !== most).map((one) => at(one, "fieldsV1"));
  return ownedIn(live, at(most, "fieldsV1"), others);
}

function sizeOf(managed: unknown): number {
  return JSON.stringify(at(managed, "fieldsV1") ?? {}).length;
}

/** The fields of `value` that are in the tree `owned` and in none of `others`. */
function ownedIn(value: unknown, owned: unknown, others: readonly unknown[]): unknown {
  const keys = Object.keys(fields(owned)).filter((key) => key !== ".");
  if (keys.length === 0) return value;
  const within = (key: string, part: unknown): unknown =>
    ownedIn(
      part,
      at(owned, key),
      others.map((one) => at(one, key)),
    );
  const isOurs = (key: string): boolean =>
    Object.keys(fields(at(owned, key))).length > 0 || !others.some((one) => at(one, key));
  if (Array.isArray(value)) {
    return keys.filter(isOurs).flatMap((key) => itemsOf(value, key, within));
  }
  const parts = keys.filter(isOurs).flatMap((key) => {
    const name = key.slice("f:".length);
    const part = at(value, name);
    return part === undefined ? [] : [[name, within(key, part)] as const];
  });
  return Object.fromEntries(parts);
}

/** Of a list, the item that `k:{"name":"app"}` means, with what tells it from others. */
function itemsOf(
  value: readonly unknown[],
  key: string,
  within: (key: string, part: unknown) => unknown,
): readonly unknown[] {
  if (!key.startsWith("k:")) return [];
  const wanted = fields(parsed(key.slice("k:".length)));
  return value
    .filter((one) => Object.entries(wanted).every(([name, said]) => at(one, name) === said))
    .map((one) => ({ ...fields(within(key, one)), ...wanted }));
}

/** Helm compares with the release before. Of that only this much shows: replicas that it set. */
function replicasOfHelm(live: unknown): unknown {
  const replicas = at(live, "spec", "replicas");
  const isHelms = list(at(live, "metadata", "managedFields")).some(
    (one) =>
      at(one, "manager") === "helm" &&
      at(one, "subresource") === undefined &&
      at(one, "fieldsV1", "f:spec", "f:replicas") !== undefined,
  );
  return isHelms ? { spec: { replicas } } : undefined;
}
