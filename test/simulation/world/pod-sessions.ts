// The sessions of a pod's process on one server: all that it wants, which is the worst that a pool
// can do, and no more than that once it has read a smaller size.

import type { Pod } from "./pod.ts";
import type { SimulatedPostgres } from "./postgres.ts";

/** Whether a server that is up refuses some of them. */
export function openAll(pod: Pod, name: string, server: SimulatedPostgres | undefined): boolean {
  if (!server || !pod.login) return false;
  const [before, wanted] = [pod.sessionsOn(name), pod.wantedOn(name)];
  const sessions = before + server.connect(pod.login, Math.max(0, wanted - before));
  pod.holdSessions(name, sessions);
  return server.isUp && sessions < wanted;
}

/** Closes those beyond what it wants. */
export function closeBeyond(pod: Pod, name: string, server: SimulatedPostgres | undefined): void {
  const over = pod.sessionsOn(name) - pod.wantedOn(name);
  if (over <= 0 || !pod.login) return;
  server?.disconnect(pod.login, over);
  pod.holdSessions(name, pod.wantedOn(name));
}
