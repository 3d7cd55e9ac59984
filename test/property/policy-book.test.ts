// The book finds policies by index, so that tens of thousands of names cost nobody a walk through
// all of them. It must find what a walk would find.

import fc from "fast-check";
import { expect, test } from "vitest";
import { PolicyBook, type ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { aResolvedPolicy } from "../support/two-names.ts";

const servers = ["a:1", "b:1", "c:1", "d:1"];
const server = fc.constantFrom(...servers);
const policy = fc
  .record({
    key: fc.constantFrom("shop/p", "shop/q", "jobs/p"),
    server: fc.option(server, { nil: undefined }),
    move: fc.option(server, { nil: undefined }),
  })
  .map(({ key, server: stands, move }): ResolvedPolicy => {
    const one = {
      ...aResolvedPolicy(key, "a:1"),
      namespace: key.split("/")[0] ?? "",
      server: stands,
    };
    if (move === undefined) return one;
    const { connection, role, database } = one;
    return { ...one, move: { server: move, connection, role, database, sinceMs: 0 } };
  });
type Act = (book: PolicyBook, all: Map<string, ResolvedPolicy>) => void;
const act = fc.oneof<fc.Arbitrary<Act>[]>(
  policy.map((one) => (book, all) => {
    book.set(one);
    all.set(one.key, one);
  }),
  policy.map(({ key }) => (book, all) => {
    book.delete(key);
    all.delete(key);
  }),
  fc.tuple(server, server).map(
    ([one, other]) =>
      (book) =>
        void book.unite(one, other),
  ),
  server.map((one) => (book) => {
    book.part(one);
  }),
  server.map((one) => (book) => {
    book.forgetNames(one);
  }),
);

test("whatever comes and goes, the book finds what a walk through all policies finds", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      const [book, all] = [new PolicyBook(), new Map<string, ResolvedPolicy>()];
      for (const one of acts) {
        one(book, all);
        const keys = [...all.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
        for (const name of servers) {
          const standing = keys.filter((p) => p.server && book.canonical(p.server) === name);
          expect(book.of(name)).toEqual(standing);
          const coming = keys.filter((p) => p.move && book.canonical(p.move.server) === name);
          expect(book.readersOf(name)).toHaveLength(standing.length + coming.length);
          expect(book.comingTo(name)).toEqual(coming);
          expect(book.leaving(name)).toEqual(standing.filter(({ move }) => move));
        }
        const named = keys.flatMap((p) => [p.server ?? [], p.move?.server ?? []]).flat();
        expect([...book.servers()].sort()).toEqual(
          [...new Set(named.map((name) => book.canonical(name)))].sort(),
        );
        expect(book.inNamespace("shop")).toEqual(keys.filter((p) => p.namespace === "shop"));
      }
    }),
    { numRuns: 300 },
  );
});
