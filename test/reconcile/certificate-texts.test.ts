// A CA that many policies name is in memory once, and is let go with the last of them.

import { expect, test } from "vitest";
import { CertificateTexts } from "../../src/reconcile/certificate-texts.ts";
import { loginsOf } from "../../src/reconcile/logins.ts";
import { PolicyBook } from "../../src/reconcile/policy-book.ts";
import { aResolvedPolicy } from "../support/two-names.ts";

const server = "db:5432";
const uri = "postgresql://app@db/orders";

/** As each secret that is read brings it. */
function textOf(name: string): string {
  return Buffer.from(`${name} ${"-".repeat(50)}`).toString();
}

test("texts that are equal have one number, others another", () => {
  const texts = new CertificateTexts();
  const [first, same, other] = ["a", "a", "b"].map((name) => texts.keep({ uri, ca: textOf(name) }));
  expect(same?.caId).toBe(first?.caId);
  expect(other?.caId).not.toBe(first?.caId);
  expect(texts.keep({ uri, ca: undefined })).toEqual({ uri, ca: undefined });
});

test("a text is let go with its last connection, and may come back", () => {
  const texts = new CertificateTexts();
  const one = texts.keep({ uri, ca: textOf("a") });
  const two = texts.keep({ uri, ca: textOf("a") });
  texts.release(one);
  expect(texts.keep({ uri, ca: textOf("a") })?.caId).toBe(one?.caId);
  texts.release(one);
  texts.release(two);
  expect(texts.keep({ uri, ca: textOf("a") })?.caId).not.toBe(one?.caId);
});

test("policies with one URI are one login where their CA is one, and two where it is not", () => {
  const book = new PolicyBook();
  const withCa = (key: string, ca: string): void => {
    book.set({ ...aResolvedPolicy(key, server), connection: { uri, ca: textOf(ca) } });
  };
  withCa("shop/a", "one");
  withCa("shop/b", "one");
  withCa("jobs/c", "two");
  withCa("shop/a", "one");
  const logins = loginsOf(server, book.of(server));
  expect(logins.map(({ policies }) => policies)).toEqual([["jobs/c"], ["shop/a", "shop/b"]]);
  expect(logins.map(({ target: { ca, askedBy } }) => ({ ca, askedBy }))).toEqual([
    { ca: textOf("two"), askedBy: ["jobs", "shop"] },
    { ca: textOf("one"), askedBy: ["jobs", "shop"] },
  ]);
});
