// Our own client on a test's API server: the fake one by its address, the real one by its
// kubeconfig.

import { systemClock } from "../../src/adapters/clock.ts";
import { createClient } from "../../src/adapters/kubernetes/client.ts";
import type { Client } from "../../src/adapters/kubernetes/client.ts";
import { createConnection } from "../../src/adapters/kubernetes/connection.ts";
import { createCredentialSource } from "../../src/adapters/kubernetes/credentials.ts";
import type { CredentialSource } from "../../src/adapters/kubernetes/credentials.ts";

export interface OpenClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** Credentials that never change. */
export function plainCredentials(server: string): CredentialSource {
  return {
    read: () => Promise.resolve({ server, headers: {}, tls: {} }),
    reset: () => undefined,
  };
}

export function openClient(source: CredentialSource): OpenClient {
  const connection = createConnection(source, systemClock);
  const client = createClient({ connection, clock: systemClock, version: "0.0.0-test" });
  return { client, close: () => connection.close() };
}

export function openClientOf(kubeconfig: string): OpenClient {
  return openClient(createCredentialSource({ kubeconfig }));
}
