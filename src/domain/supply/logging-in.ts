// Sessions that have not logged in yet: the server does not say whose they are, and they hold a
// slot all the same. Where pods are known by their login alone, one that comes from where the
// role's sessions come from, or from a node of the fleet, is most likely of a pod that starts: as
// foreign it would cut the budget for as long as the window is, and sizes would fall with each
// deploy. It counts as the role's, which is as many as its pods can hold and no more.

import type { SessionGroup, SessionSample } from "../facts/facts.ts";
import type { LoginMatching } from "./login-matching.ts";

/** Until then the server does not say which user it is. */
export function isLoggingIn({ user }: Pick<SessionGroup, "user">): boolean {
  return user === "";
}

/** Whether pods with that role may have it; undefined: it is not known what they log in with. */
export function mayBeOf(role: string | undefined, session: Pick<SessionGroup, "user">): boolean {
  return role === undefined || session.user === role || isLoggingIn(session);
}

/** Nothing is known of it but that it is there. */
export function isNameless(session: Pick<SessionGroup, "user" | "address">): boolean {
  return isLoggingIn(session) && session.address === undefined;
}

/** The sessions of a sample, each of these with the login that it is most likely to have. */
export function withLogins(
  { sessions, fleetSlotsBy }: Pick<SessionSample, "sessions" | "fleetSlotsBy">,
  { roles }: Pick<LoginMatching, "roles">,
): readonly SessionGroup[] {
  const [anyRole] = roles.keys();
  if (anyRole === undefined || !sessions.some(isLoggingIn)) return sessions;
  const mostAt = rolesByAddress(sessions, roles);
  return sessions.map((group) => {
    const { address } = group;
    if (!isLoggingIn(group) || address === undefined) return group;
    const ofNode = fleetSlotsBy?.node.has(address) === true ? anyRole : undefined;
    const user = mostAt.get(address)?.user ?? ofNode;
    return user === undefined ? group : { ...group, user };
  });
}

/** The largest group of a role at each address. */
function rolesByAddress(
  sessions: readonly SessionGroup[],
  roles: LoginMatching["roles"],
): ReadonlyMap<string, SessionGroup> {
  const most = new Map<string, SessionGroup>();
  for (const group of sessions) {
    const { address, user, count } = group;
    if (address === undefined || !roles.has(user)) continue;
    if (count > (most.get(address)?.count ?? 0)) most.set(address, group);
  }
  return most;
}
