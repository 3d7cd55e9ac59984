// What a policy says, as a decision is made by it. An edit is looked at together with its secret,
// which takes its time, and of a policy that is edited without end it is never over. By the spec of
// before a neighbour would be given what this one has taken back meanwhile. So an edit counts as
// soon as it is heard of. Only which server it means, and as whom its pods log in there, is not
// known before the secret was read: until then the policy stays where it stands.

import type { PoolPolicySpec } from "../../api/poolpolicy.ts";
import type { PolicyKey } from "../../domain/facts/facts.ts";
import type { ObservedPolicy } from "../../observed.ts";
import type { Caches } from "../caches.ts";
import { isCurrent, type PolicyBook, type ResolvedPolicy } from "../resolve/policy-book.ts";
import { parsedSpec } from "../resolve/resolve-policy.ts";
import { isSameValue } from "../same-value.ts";

export function specOfNow(
  resolved: Pick<ResolvedPolicy, "source" | "spec">,
  policy: Pick<ObservedPolicy, "uid" | "generation" | "spec">,
): PoolPolicySpec {
  if (isCurrent(resolved, policy)) return resolved.spec;
  const parsed = parsedSpec(policy.spec);
  if ("problem" in parsed) return resolved.spec;
  const said = parsed.spec;
  const { database } = resolved.spec;
  return isSameValue(placeIn(said), placeIn(resolved.spec)) ? said : standingAt(said, database);
}

/** Of all policies of a namespace, in the order of their keys. */
export function specsOfNow(
  namespace: string,
  { book, caches }: { readonly book: PolicyBook; readonly caches: Pick<Caches, "policies"> },
): readonly { readonly key: PolicyKey; readonly spec: PoolPolicySpec }[] {
  return book.inNamespace(namespace).map((resolved) => {
    const policy = caches.policies.get(resolved.key);
    return { key: resolved.key, spec: policy ? specOfNow(resolved, policy) : resolved.spec };
  });
}

/** Whatever is declared of the server beside its name counts at once. */
function placeIn({ database }: PoolPolicySpec): object {
  return { ...database, maxConnections: undefined };
}

/** Specs are told apart by their identity: one edit is one spec. */
const standing = new WeakMap<PoolPolicySpec, PoolPolicySpec>();

function standingAt(said: PoolPolicySpec, database: PoolPolicySpec["database"]): PoolPolicySpec {
  const known = standing.get(said);
  if (known?.database === database) return known;
  const spec = { ...said, database };
  standing.set(said, spec);
  return spec;
}
