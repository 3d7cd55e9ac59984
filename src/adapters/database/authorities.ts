// Which certificates of a CA are trusted. Both the CA and the server may be a tenant's, and what
// OpenSSL does to check one against the other happens in one turn of the event loop: sixty CAs with
// name constraints above a certificate of many names kept everybody waiting for two seconds. The
// chain that a server sends is short, so what the CA adds to it must be cheap: certificates of
// usual sizes and keys, without name constraints, few of which stand below another one.

import { type KeyObject, X509Certificate } from "node:crypto";

/** Of one CA; the bundle of all regions of a cloud has 108, all roots of the web are 150. */
const certificatesMax = 200;
/** Those that are not self-signed: only they make a chain longer. */
const intermediatesMax = 32;
/** Of one certificate as PEM; a root has 2,000, one with a key of RSA 8192 has 3,500. */
const charactersMax = 12_000;
const modulusBitsMax = 8_192;
const exponentMax = 65_537n;
const curves: ReadonlySet<string> = new Set([
  ...["prime256v1", "secp384r1", "secp521r1"],
  ...["brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"],
]);

const otherKinds: ReadonlySet<string> = new Set([
  ...["ed25519", "ed448"],
  ...["ml-dsa-44", "ml-dsa-65", "ml-dsa-87"],
]);

/** The certificates as PEM, one text each; or a clause that follows `the CA given for …`. */
export type Authorities =
  | { readonly kind: "authorities"; readonly certificates: readonly string[] }
  | { readonly kind: "problem"; readonly message: string };

const [begin, end] = ["-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"];

/** Reads the PEM of a CA. Never throws. */
export function readAuthorities(pem: string): Authorities {
  const parts = pem.split(begin, certificatesMax + 2).slice(1);
  if (parts.length === 0) return noCertificate;
  if (parts.length > certificatesMax) return tooMany(certificatesMax, "certificates");
  const certificates: string[] = [];
  let intermediates = 0;
  for (const part of parts) {
    const read = readOne(part.slice(0, Math.max(0, part.indexOf(end))));
    if ("kind" in read) return read;
    certificates.push(read.toString());
    if (read.subject !== read.issuer) intermediates++;
  }
  return intermediates > intermediatesMax
    ? tooMany(intermediatesMax, "certificates that are not self-signed")
    : { kind: "authorities", certificates };
}

function readOne(body: string): X509Certificate | Authorities {
  if (body.length > charactersMax) return unusable(`of ${body.length} characters`);
  const certificate = parsed(`${begin}${body}${end}\n`);
  if (!certificate) return noCertificate;
  if (certificate.raw.includes(nameConstraints)) {
    return unusable("with name constraints, which are not supported");
  }
  return hasUsualKey(certificate) ? certificate : unusable("with a key of an unusual kind or size");
}

const leaveNeeded = "leave only the certificates that the server's leads to in the secret";

function problem(message: string): Authorities {
  return { kind: "problem", message };
}

function tooMany(max: number, what: string): Authorities {
  return problem(`has more than ${max} ${what}: ${leaveNeeded}`);
}

function unusable(how: string): Authorities {
  return problem(`has a certificate ${how}: ${leaveNeeded}`);
}

const noCertificate = problem(
  `is no PEM certificate: put the whole text from ${begin} on into the secret`,
);

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** 2.5.29.30 with the end of its length: however that is written, it stands in the certificate. */
const nameConstraints = Buffer.from("03551d1e", "hex");

function hasUsualKey(certificate: X509Certificate): boolean {
  try {
    return isUsual(certificate.publicKey);
  } catch {
    return false;
  }
}

function isUsual({
  asymmetricKeyType: kind = "dh",
  asymmetricKeyDetails = {},
}: KeyObject): boolean {
  const { modulusLength, publicExponent, namedCurve = "" } = asymmetricKeyDetails;
  if (kind === "ec") return curves.has(namedCurve);
  if (modulusLength === undefined || publicExponent === undefined) return otherKinds.has(kind);
  return modulusLength <= modulusBitsMax && publicExponent <= exponentMax;
}
