// A CA that many policies name is in memory once, and is let go with the last of them.

import { describe, expect, test } from "vitest";
import {
  CertificateTexts,
  type ServerConnection,
} from "../../src/reconcile/resolve/certificate-texts.ts";
import { loginsOf } from "../../src/reconcile/resolve/logins.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { aResolvedPolicy } from "../support/two-names.ts";

const server = "db:5432";
const uri = "postgresql://app@db/orders";

/** As each secret that is read brings it. */
function textOf(name: string): string {
  return Buffer.from(`${name} ${"-".repeat(50)}`).toString();
}

function keep(texts: CertificateTexts, name: string): ServerConnection | undefined {
  return texts.keep({ uri, ca: textOf(name) }, "shop");
}

test("texts that are equal have one number, others another", () => {
  const texts = new CertificateTexts();
  const [first, same, other] = ["a", "a", "b"].map((name) => keep(texts, name));
  expect(same?.caId).toBe(first?.caId);
  expect(other?.caId).not.toBe(first?.caId);
  expect(texts.keep({ uri, ca: undefined }, "shop")).toEqual({ uri, ca: undefined });
});

test("a text is let go with its last connection, and may come back", () => {
  const texts = new CertificateTexts();
  const one = keep(texts, "a");
  const two = keep(texts, "a");
  texts.release(one, "shop");
  expect(keep(texts, "a")?.caId).toBe(one?.caId);
  texts.release(one, "shop");
  texts.release(two, "shop");
  expect(keep(texts, "a")?.caId).not.toBe(one?.caId);
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

describe("the CAs of a namespace", () => {
  const large = (name: string): string => name.repeat(200_000);
  const bookOf = (...cas: readonly string[]): PolicyBook => {
    const book = new PolicyBook();
    cas.forEach((ca, place) => {
      const connection = { uri, ca: large(ca) };
      book.set({ ...aResolvedPolicy(`shop/p${place}`, server), namespace: "shop", connection });
    });
    return book;
  };

  test.each([
    { name: "one more that fits", has: ["a"], adds: "b", want: true },
    { name: "one too many", has: ["a", "b"], adds: "c", want: false },
    { name: "one that another policy has", has: ["a", "b"], adds: "b", want: true },
    { name: "one instead of its own", has: ["a", "b"], adds: "c", of: "p1", want: true },
    {
      name: "one instead of one that stays",
      has: ["a", "b", "b"],
      adds: "c",
      of: "p1",
      want: false,
    },
  ])("have a bound together: $name", ({ has, adds, of = "new", want }) => {
    const book = bookOf(...has);
    expect(book.hasRoomFor(large(adds), { namespace: "shop", name: of })).toBe(want);
    expect(book.hasRoomFor(large(adds), { namespace: "jobs", name: of })).toBe(true);
  });

  test("that go make room", () => {
    const book = bookOf("a", "b");
    book.delete("shop/p0");
    expect(book.hasRoomFor(large("c"), { namespace: "shop", name: "new" })).toBe(true);
  });
});
