// Which servers are decided together, as policies with replicas come and go, and what it costs to
// ask that at each event.

import { describe, expect, it } from "vitest";
import { PolicyBook, type ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { tiedMax } from "../../src/reconcile/resolve/server-links.ts";
import { aSpec } from "../support/builders.ts";
import { expectCpuBelow } from "../support/cpu-time.ts";

const spec = aSpec();

function aPolicy(name: string, servers: readonly string[]): ResolvedPolicy {
  const [server, ...others] = servers;
  const place = { connection: undefined, role: undefined, database: undefined };
  return {
    ...{ key: `shop/${name}`, namespace: "shop", spec, failure: undefined },
    ...{ source: { uid: name, generation: 1 }, ...place, server },
    replicas: others.map((one) => ({ ...place, server: one, said: spec.database })),
  };
}

describe("servers of one unit", () => {
  it("are those of a policy, and of all policies on these", () => {
    const book = new PolicyBook();
    book.set(aPolicy("a", ["one", "two"]));
    book.set(aPolicy("b", ["three", "two"]));
    book.set(aPolicy("c", ["four", "five"]));
    expect(book.unitOf("two")).toEqual(["one", "three", "two"]);
    expect(book.unitOf("four")).toEqual(["five", "four"]);
    expect(book.unitOf("six")).toEqual(["six"]);
  });

  it("are apart once the last policy that links them is gone, or names others", () => {
    const book = new PolicyBook();
    book.set(aPolicy("a", ["one", "two"]));
    book.set(aPolicy("b", ["two", "one"]));
    expect(book.unitOf("one")).toEqual(["one", "two"]);
    book.delete("shop/a");
    expect(book.unitOf("one")).toEqual(["one", "two"]);
    book.set(aPolicy("b", ["two", "three"]));
    expect(book.unitOf("one")).toEqual(["one"]);
    expect(book.unitOf("three")).toEqual(["three", "two"]);
    book.delete("shop/b");
    expect(book.unitOf("two")).toEqual(["two"]);
  });

  it("are found under each name, until a name means another server", () => {
    const book = new PolicyBook();
    book.set(aPolicy("a", ["one", "two"]));
    book.set(aPolicy("b", ["alias", "three"]));
    expect(book.unitOf("one")).toEqual(["one", "two"]);
    const name = book.unite("one", "alias");
    expect(name).toBe("alias");
    expect(book.unitOf("alias")).toEqual(["alias", "three", "two"]);
    book.part("one");
    expect(book.unitOf("alias")).toEqual(["alias", "three"]);
    expect(book.unitOf("one")).toEqual(["one", "two"]);
  });

  it("are decided for all namespaces that have a policy on one of them", () => {
    const book = new PolicyBook();
    book.set(aPolicy("b", ["two"]));
    book.set({ ...aPolicy("a", ["one", "two"]), key: "evil/a", namespace: "evil" });
    expect(book.namespacesAround("two")).toEqual(["evil", "shop"]);
    expect(book.namespacesAround("one")).toEqual(["evil", "shop"]);
  });

  it("of a policy whose server is not known are not tied by its replicas", () => {
    const book = new PolicyBook();
    book.set({ ...aPolicy("a", ["one", "two", "three"]), server: undefined });
    expect(book.unitOf("two")).toEqual(["two"]);
  });
});

describe("the policies of one namespace", () => {
  const chain = (from: number, to: number): ResolvedPolicy[] =>
    Array.from({ length: to - from }, (_, place) =>
      aPolicy(`p${from + place}`, [`db-${from + place}`, `db-${from + place + 1}`]),
    );

  it("tie as many servers as they may, and no more", () => {
    const book = new PolicyBook();
    for (const policy of chain(0, tiedMax - 1)) {
      expect(book.mayTie(policy)).toBe(true);
      book.set(policy);
    }
    const last = `db-${tiedMax - 1}`;
    expect(book.unitOf("db-0")).toHaveLength(tiedMax);
    expect(book.mayTie(aPolicy("more", [last, "one-more"]))).toBe(false);
    expect(book.mayTie(aPolicy("more", ["one-more", "db-0"]))).toBe(false);
    expect(book.mayTie(aPolicy("again", [last, "db-0"]))).toBe(true);
    expect(book.mayTie(aPolicy("apart", ["other", "another"]))).toBe(true);
    // What a policy ties now does not count beside what it is to tie.
    expect(book.mayTie(aPolicy(`p${tiedMax - 2}`, [`db-${tiedMax - 2}`, "one-more"]))).toBe(true);
    expect(book.unitOf("db-0")).toHaveLength(tiedMax);
  });

  it("are refused nothing for what others have tied", () => {
    const book = new PolicyBook();
    for (const policy of chain(0, tiedMax - 1)) book.set(policy);
    const other = { ...aPolicy("other", ["db-0", "own"]), key: "other/p", namespace: "other" };
    expect(book.mayTie(other)).toBe(true);
    book.set(other);
    expect(book.unitOf("own")).toHaveLength(tiedMax + 1);
  });
});

it("to ask costs next to nothing beside 2,000 policies with eight replicas each", () => {
  const book = new PolicyBook();
  const servers = Array.from({ length: 9 }, (_, place) => `db-${place}:5432`);
  for (let place = 0; place < 2_000; place += 1) {
    const from = place % servers.length;
    book.set(aPolicy(`p${place}`, [...servers.slice(from), ...servers.slice(0, from)]));
  }
  // It took 40 ms each time.
  const ask = (): void => {
    for (const policy of book.inNamespace("shop")) book.unitOf(policy.server ?? "");
  };
  expectCpuBelow(200, ask);
  // Others come and go meanwhile.
  const churn = (): void => {
    for (let place = 0; place < 500; place += 1) {
      book.set(aPolicy("new", ["db-0:5432", `other-${place}:5432`]));
      expect(book.unitOf("db-0:5432")).toHaveLength(10);
    }
  };
  expectCpuBelow(400, churn);
});
