// Certificates that no library makes: with constraints, odd keys, or a length of one's choice. Each
// is signed with a key of its own, by nobody's choice: what is looked at is not the signature.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface OddCertificate {
  readonly subject?: string;
  /** Default: the subject. */
  readonly issuer?: string;
  /** Default: one of P-256. */
  readonly publicKey?: KeyObject;
  /** DER of extensions. */
  readonly extensions?: readonly Buffer[];
}

const signer = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** Length and value of one entry of DER. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const long = [length >> 16, (length >> 8) & 255, length & 255];
  const head = length < 128 ? [tag, length] : [tag, 0x83, ...long];
  return Buffer.concat([Buffer.from(head), value]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** `oid`: the whole entry in hexadecimal digits. */
export function extension(oid: string, value: Buffer): Buffer {
  return sequence(Buffer.from(oid, "hex"), der(4, value));
}

/** Excludes one DNS name. */
export const nameConstraint = sequence(der(0xa1, sequence(der(0x82, Buffer.from("b")))));

function nameOf(commonName: string): Buffer {
  const entry = sequence(Buffer.from("0603550403", "hex"), der(0x0c, Buffer.from(commonName)));
  return sequence(der(0x31, entry));
}

/** PEM of a certificate for 2020 to 2040. */
export function oddCertificate(given: OddCertificate = {}): string {
  const { subject = "ca", issuer = subject, publicKey = signer.publicKey } = given;
  const { extensions = [] } = given;
  const algorithm = sequence(Buffer.from("06082a8648ce3d040302", "hex"));
  const [from, until] = ["20200101000000Z", "20400101000000Z"].map((time) =>
    der(0x18, Buffer.from(time)),
  ) as [Buffer, Buffer];
  const toSign = sequence(
    ...[der(0xa0, der(2, Buffer.from([2]))), der(2, Buffer.from([1])), algorithm],
    ...[nameOf(issuer), sequence(from, until), nameOf(subject)],
    publicKey.export({ type: "spki", format: "der" }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign("sha256", toSign, signer.privateKey);
  const whole = sequence(toSign, algorithm, der(3, Buffer.from([0]), signature));
  const lines = whole.toString("base64").replace(/(.{64})/g, "$1\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
