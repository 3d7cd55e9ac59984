// Whether a server has to be read before anything is decided on it. A login that never worked there
// is the matter of its own namespace: those who only name the server and declare its connections
// go on by what is declared, as they did before somebody brought a wrong password. Once a login has
// worked, nothing that is declared stands in for a reading: it may be more than the server has. The
// status of its policy says so after a start, too.

import type { PolicyFacts, Snapshot } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";

type Scene = Pick<Snapshot, "database" | "policies">;

/** It was read, or a login that is still there has read it before this process began. */
export function isToBeRead({ database, policies }: Scene): boolean {
  return database.reading !== undefined || isReadBefore(policies);
}

/** Whether enough is known of the server for pools of the namespace to grow there. */
export function isKnownFor(namespace: string, scene: Scene): boolean {
  const { database, policies } = scene;
  if (isToBeRead(scene)) return database.failure === undefined && database.reading !== undefined;
  return !loginNamespaces(policies).has(namespace);
}

/** What was true of the policy's own login at last, for its status; false where it has none. */
export function hasLoginWorked(
  policy: PolicyFacts,
  { reading, failure }: Scene["database"],
): boolean {
  const works = reading !== undefined && failure === undefined && policy.failure === undefined;
  return hasLogin(policy) && (works || hasWorked(policy));
}

export function hasLogin({ spec }: Pick<PolicyFacts, "spec">): boolean {
  return spec.database.secretRef !== undefined;
}

const isReadBefore = oncePer((policies: readonly PolicyFacts[]): boolean =>
  policies.some((policy) => hasLogin(policy) && hasWorked(policy)),
);

/**
 * Earlier releases did not say so. They said how many connections the server has, also while it was
 * away: where somebody has a login they mostly had read it.
 */
function hasWorked({ status, cameFromElsewhere }: PolicyFacts): boolean {
  if (cameFromElsewhere === true) return false;
  return status?.loginWorked ?? status?.maxConnections !== undefined;
}

const loginNamespaces = oncePer((policies: readonly PolicyFacts[]): ReadonlySet<string> => {
  return new Set(policies.filter(hasLogin).map(({ namespace }) => namespace));
});
