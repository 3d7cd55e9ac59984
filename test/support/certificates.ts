// A certificate authority and server certificates for one test, made in memory: the library comes
// with the control plane's test environment, so nothing is installed for it.

import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export interface ServerCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateAuthority {
  readonly pem: string;
  /** A certificate for these IP addresses and DNS names, valid from yesterday until tomorrow. */
  issue(names: { readonly ip?: string; readonly dns?: string }): Promise<ServerCertificate>;
}

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const rsa = {
  ...{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ...{ modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) },
};
const algorithms = { ecdsa, rsa };
export type KeyKind = keyof typeof algorithms;
type Algorithm = (typeof algorithms)[KeyKind];
const dayMs = 86_400_000;

/** Makes a new authority with a key of its own. */
export async function createCertificateAuthority(
  name: string,
  keyKind: KeyKind = "ecdsa",
): Promise<CertificateAuthority> {
  const algorithm = algorithms[keyKind];
  const keys = await createKeys(algorithm);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...validity(),
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.BasicConstraintsExtension(true)],
    },
    webcrypto,
  );
  return {
    pem: certificate.toString("pem"),
    issue: (names) => issue({ subject: certificate.subject, keys, algorithm }, names),
  };
}

async function issue(
  issuer: {
    readonly subject: string;
    readonly keys: webcrypto.CryptoKeyPair;
    readonly algorithm: Algorithm;
  },
  names: { readonly ip?: string; readonly dns?: string },
): Promise<ServerCertificate> {
  const { algorithm } = issuer;
  const keys = await createKeys(algorithm);
  const alternatives = [
    ...(names.ip === undefined ? [] : [{ type: "ip" as const, value: names.ip }]),
    ...(names.dns === undefined ? [] : [{ type: "dns" as const, value: names.dns }]),
  ];
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...validity(),
      subject: "CN=server",
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: issuer.keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension(alternatives)],
    },
    webcrypto,
  );
  return { certPem: certificate.toString("pem"), keyPem: await privatePem(keys.privateKey) };
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
}

async function createKeys(algorithm: Algorithm): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(bytes, "PRIVATE KEY");
}
