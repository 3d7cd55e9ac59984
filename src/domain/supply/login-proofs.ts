// What bears out that a namespace can log in with a role, or to a database: a secret of its own
// whose login works, or sessions of its pods. Either was let in by the server, which no policy can
// have done. A role that the spec says beside the secret is a word like any other.

import { type Login, loginIn, loginKinds, loginOf } from "./connection-limits.ts";
import type { PolicyFacts, Snapshot } from "../facts/facts.ts";
import { latestOf } from "./foreign.ts";
import { hasLogin } from "./readers.ts";

export class LoginProofs {
  readonly #proven = new Set<string>();

  constructor(snapshot: Snapshot) {
    this.#addSecrets(snapshot);
    this.#addSessions(snapshot);
  }

  has(namespace: string, { kind, name }: Login): boolean {
    return this.#proven.has(keyOf(namespace, kind, name));
  }

  #add(namespace: string, kind: Login["kind"], name: string): void {
    this.#proven.add(keyOf(namespace, kind, name));
  }

  #addSecrets({ database: { failure, sights }, policies }: Snapshot): void {
    const working = new Set(sights.map(({ namespace }) => namespace));
    for (const { namespace, role } of sights) this.#add(namespace, "role", role);
    for (const policy of policies.filter(isLetIn)) {
      const { namespace, role, database, spec } = policy;
      // While nobody reads, nobody is told either whose login was refused.
      if (failure && !working.has(namespace)) continue;
      const own = spec.database.role === undefined ? role : undefined;
      for (const kind of loginKinds) {
        const name = loginOf(kind, { role: own, database });
        if (name !== undefined) this.#add(namespace, kind, name);
      }
    }
  }

  #addSessions({ database: { sessionSamples }, workloads }: Snapshot): void {
    const owners = ownersOfAddresses(workloads);
    for (const { sessions } of latestOf(sessionSamples)) {
      for (const group of sessions) {
        const namespace = owners.get(group.address ?? "");
        if (namespace === undefined) continue;
        for (const kind of loginKinds) this.#add(namespace, kind, loginIn(kind, group));
      }
    }
  }
}

/** Namespaces by the addresses that their pods alone have: a node's may be anybody's. */
function ownersOfAddresses(workloads: Snapshot["workloads"]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { namespace, pods } of workloads) {
    for (const { addresses, isOnHostNetwork } of pods) {
      if (isOnHostNetwork) continue;
      for (const address of addresses) owners.set(address, namespace);
    }
  }
  return owners;
}

/** Nothing is wrong with the login of its secret. */
function isLetIn(policy: PolicyFacts): boolean {
  return hasLogin(policy) && policy.failure === undefined;
}

function keyOf(namespace: string, kind: Login["kind"], name: string): string {
  return `${namespace}/${kind}/${name}`;
}
