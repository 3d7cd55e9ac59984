// Whether the API server would take a policy, in its words as far as they are ours: the messages of
// the CRD's rules, and those of strict decoding for a field that does not exist. kubectl refuses
// such a field; taken in silence, a misspelt limit would be no limit.

import { isDeepStrictEqual } from "node:util";
import { at } from "../adapters/kubernetes/raw-values.ts";
import { problemInNew } from "../api/environment-name.ts";
import { parseSpec } from "../api/poolpolicy.ts";
import { sayPlace } from "../adapters/manifests/documents.ts";
import type { ManifestObject } from "./objects.ts";

const topLevel = new Set(["apiVersion", "kind", "metadata", "spec", "status"]);

/** Undefined where it would be taken, in place of one that has the same workloads at least. */
export function policyProblem(policy: ManifestObject): string | undefined {
  const { raw } = policy;
  const parsed = parseSpec(at(raw, "spec"));
  const refused = "problem" in parsed ? `is invalid: ${parsed.problem}` : undefined;
  const problem = refused ?? unknownFields(raw, "spec" in parsed ? parsed.spec : undefined);
  return problem && sayOf(policy, problem);
}

/**
 * Undefined where it would be taken as well in place of `before`, the policy that is stored. The
 * API server does not check a list again that stays as it is: names that it refuses by now stay.
 */
export function newPolicyProblem(
  policy: ManifestObject,
  before?: ManifestObject,
): string | undefined {
  const [wanted, stored] = [policy, before].map((one) => parseSpec(at(one?.raw, "spec")));
  if (!wanted || !("spec" in wanted)) return undefined;
  const { workloads } = wanted.spec;
  if (stored && "spec" in stored && isDeepStrictEqual(workloads, stored.spec.workloads))
    return undefined;
  const problem = problemInNew(wanted.spec);
  return problem && sayOf(policy, `is invalid: ${problem}`);
}

function sayOf({ place, namespace, name }: ManifestObject, problem: string): string {
  return `${sayPlace(place)}: PoolPolicy ${namespace}/${name} ${problem}`;
}

const fieldsTold = 3;

function unknownFields(raw: ManifestObject["raw"], spec: unknown): string | undefined {
  const others = Object.keys(raw).filter((field) => !topLevel.has(field));
  const lost = [...others, ...lostFields(raw["spec"], spec, "spec")];
  if (lost.length === 0) return undefined;
  const told = lost.slice(0, fieldsTold).map((field) => `unknown field ${JSON.stringify(field)}`);
  return `is invalid: strict decoding error: ${told.join(", ")}`;
}

/** What was written and is not understood. */
function lostFields(written: unknown, read: unknown, path: string): readonly string[] {
  if (typeof written !== "object" || written === null) return [];
  return Object.entries(written).flatMap(([key, value]: [string, unknown]) => {
    const place = Array.isArray(written) ? `${path}[${key}]` : `${path}.${key}`;
    const found: unknown = Reflect.get(Object(read) as object, key);
    return found === undefined && value !== undefined ? [place] : lostFields(value, found, place);
  });
}
