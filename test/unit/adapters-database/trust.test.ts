// Contexts of TLS are dear: sessions with one CA share one, and it goes with the last of them.

import { expect, test } from "vitest";
import { type TlsVersions, Trusts } from "../../../src/adapters/database/trust.ts";
import { oddCertificate } from "../../support/odd-certificates.ts";

const versions: TlsVersions = { minTlsVersion: "TLSv1.2", maxTlsVersion: "TLSv1.3" };
const old: TlsVersions = { minTlsVersion: "TLSv1.2", maxTlsVersion: "TLSv1.2" };
const ca = oddCertificate();

/** As each secret that is read brings it. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

function contextOf(trusts: Trusts, of: string | undefined, terms = versions): unknown {
  const trusted = trusts.use(of);
  return trusted.kind === "trusted" ? trusted.contextFor(terms) : trusted.message;
}

test("sessions with one CA share a context, others do not", () => {
  const trusts = new Trusts();
  const one = contextOf(trusts, ca);
  expect(contextOf(trusts, copyOf(ca))).toBe(one);
  expect(contextOf(trusts, oddCertificate({ subject: "other" }))).not.toBe(one);
  expect(contextOf(trusts, undefined)).not.toBe(one);
  expect(contextOf(trusts, ca, old)).not.toBe(one);
});

test.each([
  { name: "nine others later", others: 9, isKept: false },
  { name: "seven others later", others: 7, isKept: true },
  { name: "while it is used", others: 9, isUsed: true, isKept: true },
])("of those that nobody uses any more the last eight stay: $name", (given) => {
  const { others, isUsed = false, isKept } = given;
  const trusts = new Trusts();
  const one = contextOf(trusts, ca);
  if (!isUsed) trusts.release(ca);
  for (let place = 0; place < others; place++) {
    const other = oddCertificate({ subject: `other ${place}` });
    trusts.use(other);
    trusts.release(other);
  }
  expect(contextOf(trusts, ca) === one).toBe(isKept);
});
