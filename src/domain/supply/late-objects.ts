// Large objects of which a watch has told only that they changed, and that are still to be read
// after 5 s (src/late-reads.ts): a Deployment may ask for more pods than the account has. So the
// namespace itself does not grow until all of them were read. Others beside it do not grow, and no
// pod of it is evicted, for a while only (src/reconcile/memory/late-namespaces.ts): who changes
// large objects without end must hold up himself, and nobody else for ever. A namespace that the
// operator's owner bounds holds up nobody else at all.

import type { LateNamespace, Snapshot } from "../facts/facts.ts";
import { isBounded } from "./quota-settings.ts";

type Scene = Pick<Snapshot, "lateObjects" | "namespaceQuotas">;

/** For whose objects the growth of a namespace waits. */
export function lateFor(
  namespace: string,
  { lateObjects = [], namespaceQuotas }: Scene,
): LateNamespace | undefined {
  const own = lateObjects.find((late) => late.namespace === namespace);
  return (
    own ?? lateObjects.find((late) => late.isHold && !isBounded(late.namespace, namespaceQuotas))
  );
}

/** Whether no pod of it is evicted. */
export function isHeld(
  namespace: string,
  { lateObjects = [] }: Pick<Scene, "lateObjects">,
): boolean {
  return lateObjects.some((late) => late.isHold && late.namespace === namespace);
}

/** Other namespaces are not named. */
export function untilRead(late: Pick<LateNamespace, "namespace">, namespace: string): string {
  const whose = late.namespace === namespace ? "its" : "another";
  return `until a large object of ${whose} namespace that has changed is read`;
}
