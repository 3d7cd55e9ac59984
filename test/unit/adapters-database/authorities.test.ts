// What may stand in a CA: whatever would make a check of a server's certificate slow is refused,
// and the message says why and what to do.

import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { readAuthorities } from "../../../src/adapters/database/authorities.ts";
import { openDatabase, targetOf } from "../../support/postgres-readings.ts";
import { extension, nameConstraint, oddCertificate } from "../../support/odd-certificates.ts";

const { publicKey: large } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  publicExponent: 65_539,
});
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).publicKey;
const koblitz = generateKeyPairSync("ec", { namedCurve: "sect571r1" }).publicKey;
const brainpool = generateKeyPairSync("ec", { namedCurve: "brainpoolP512r1" }).publicKey;
const edwards = generateKeyPairSync("ed25519").publicKey;
const exchange = generateKeyPairSync("x25519").publicKey;

function many(count: number, ...[given]: Parameters<typeof oddCertificate>): string {
  return oddCertificate(given).repeat(count);
}

const below = { subject: "below", issuer: "ca" };

test.each([
  { name: "one", pem: oddCertificate(), want: 1 },
  { name: "one with text around it", pem: `# ours\n${oddCertificate()}# end`, want: 1 },
  { name: "one of RSA", pem: oddCertificate({ publicKey: rsa }), want: 1 },
  { name: "one of brainpool", pem: oddCertificate({ publicKey: brainpool }), want: 1 },
  { name: "one of Ed25519", pem: oddCertificate({ publicKey: edwards }), want: 1 },
  { name: "a root and what is below it", pem: oddCertificate() + oddCertificate(below), want: 2 },
  { name: "200 roots", pem: many(200), want: 200 },
  { name: "32 below a root", pem: many(32, below), want: 32 },
])("certificates are taken: $name", ({ pem, want }) => {
  const read = readAuthorities(pem);
  const certificates = read.kind === "authorities" ? read.certificates : [];
  expect(certificates.map((one) => new X509Certificate(one).issuer)).toEqual(
    Array<string>(want).fill("CN=ca"),
  );
});

/** As it should be written, and with a length that is written in more bytes than it needs. */
const oids = ["0603551d1e", "06820003551d1e"];
const names = Buffer.alloc(12_000, "a");

test.each([
  ...oids.map((oid) => ({
    name: `name constraints, ${oid}`,
    pem: oddCertificate({ extensions: [extension(oid, nameConstraint)] }),
    want: "has a certificate with name constraints, which are not supported: leave only",
  })),
  {
    name: "a curve of 571 bits",
    pem: oddCertificate({ publicKey: koblitz }),
    want: "unusual kind",
  },
  { name: "a large exponent", pem: oddCertificate({ publicKey: large }), want: "unusual kind" },
  {
    name: "a key that signs nothing",
    pem: oddCertificate({ publicKey: exchange }),
    want: "unusual",
  },
  {
    name: "a certificate of many names",
    pem: oddCertificate({ extensions: [extension("0603551d11", names)] }),
    want: /has a certificate of 1\d{4} characters: leave only/,
  },
  { name: "201 roots", pem: many(201), want: "has more than 200 certificates: leave only" },
  {
    name: "33 below a root",
    pem: many(33, below),
    want: "32 certificates that are not self-signed",
  },
  {
    name: "another one behind a good one",
    pem: `${many(1)}${many(1, { publicKey: koblitz })}`,
    want: "unusual",
  },
  { name: "no PEM", pem: "hello", want: "is no PEM certificate: put the whole text" },
  { name: "half of one", pem: oddCertificate().slice(0, 300), want: "is no PEM certificate" },
  { name: "beginnings without end", pem: "-----BEGIN CERTIFICATE-----".repeat(9_700), want: "200" },
])("and are refused, $name", ({ pem, want }) => {
  const read = readAuthorities(pem);
  expect(read).toMatchObject({ kind: "problem" });
  expect(read.kind === "problem" && read.message).toMatch(want);
});

test("a reading with such a CA has failed before the server is asked", async () => {
  await using database = openDatabase({ connectTimeoutMs: 100 });
  const ca = oddCertificate({ publicKey: koblitz });
  // Nobody listens there.
  const target = targetOf("postgresql://app:x@127.0.0.1:9/app", { ca });
  expect(await database.read(target)).toMatchObject({
    kind: "failed",
    reason: "TlsRefused",
    message: expect.stringContaining(
      "the CA given for 127.0.0.1:9 has a certificate with a key of an unusual kind or size",
    ) as string,
  });
});
