// Which servers are decided together because policies on them share a workload, as these come and
// go, and how many a namespace may tie.

import { describe, expect, it } from "vitest";
import { PolicyBook, type ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { tiedMax } from "../../src/reconcile/resolve/server-links.ts";
import { sharingsMax } from "../../src/reconcile/resolve/workload-ties.ts";
import { aSpec } from "../support/builders.ts";

const spec = aSpec();
const place = { connection: undefined, role: undefined, database: undefined };

function aPolicy(name: string, server?: string, replicas: readonly string[] = []): ResolvedPolicy {
  return {
    ...{ key: `shop/${name}`, namespace: "shop", spec, failure: undefined },
    ...{ source: { uid: name, generation: 1 }, ...place, server },
    replicas: replicas.map((one) => ({ ...place, server: one, said: spec.database })),
  };
}

function bookOf(...policies: readonly ResolvedPolicy[]): PolicyBook {
  const book = new PolicyBook();
  for (const policy of policies) book.set(policy);
  return book;
}

const sharing = ["shop/a", "shop/b"];

describe("servers of policies that share a workload", () => {
  it("are one unit as long as they share one", () => {
    const book = bookOf(aPolicy("a", "one"), aPolicy("b", "two"), aPolicy("c", "three"));
    expect(book.unitOf("one")).toEqual(["one"]);
    book.noteSharing("shop", [sharing]);
    expect(book.unitOf("one")).toEqual(["one", "two"]);
    expect(book.unitOf("three")).toEqual(["three"]);
    book.noteSharing("shop", [sharing, ["shop/b", "shop/c"]]);
    expect(book.unitOf("one")).toEqual(["one", "three", "two"]);
    book.noteSharing("shop", []);
    expect(book.unitOf("one")).toEqual(["one"]);
  });

  it("are apart once one of the policies is gone, and both are woken", () => {
    const book = bookOf(aPolicy("a", "one"), aPolicy("b", "two"));
    book.noteSharing("shop", [sharing]);
    expect([...book.delete("shop/b")].sort()).toEqual(["one", "two"]);
    expect(book.unitOf("one")).toEqual(["one"]);
  });

  it("are remembered no longer than the policies: who comes back is noted anew", () => {
    const book = bookOf(aPolicy("a", "one"), aPolicy("b", "two"));
    book.noteSharing("shop", [sharing]);
    for (const key of sharing) book.delete(key);
    book.set(aPolicy("a", "one"));
    book.set(aPolicy("b", "two"));
    expect(book.unitOf("one")).toEqual(["one"]);
    book.noteSharing("shop", [sharing]);
    expect(book.unitOf("one")).toEqual(["one", "two"]);
  });

  it("follow a policy to another server", () => {
    const book = bookOf(aPolicy("a", "one"), aPolicy("b", "two"));
    book.noteSharing("shop", [sharing]);
    expect([...book.set(aPolicy("b", "three"))].sort()).toEqual(["one", "three", "two"]);
    expect(book.unitOf("one")).toEqual(["one", "three"]);
    expect(book.unitOf("two")).toEqual(["two"]);
  });

  it("are not tied to what is not known, and no server is tied to itself", () => {
    const book = bookOf(aPolicy("a", "one"), aPolicy("b"), aPolicy("c", "one"));
    book.noteSharing("shop", [sharing, ["shop/a", "shop/c"]]);
    expect(book.unitOf("one")).toEqual(["one"]);
    expect(book.mayShare("shop", sharing)).toBe(true);
  });

  it("are one with the replicas of their policies", () => {
    const book = bookOf(aPolicy("a", "one", ["two"]), aPolicy("b", "three"));
    book.noteSharing("shop", [sharing]);
    expect(book.unitOf("two")).toEqual(["one", "three", "two"]);
    book.noteSharing("shop", []);
    expect(book.unitOf("two")).toEqual(["one", "two"]);
  });
});

describe("a namespace", () => {
  const names = Array.from({ length: tiedMax + 1 }, (_, at) => `p${String(at).padStart(2, "0")}`);
  const pairs = names.slice(1).map((name, at) => [`shop/${names[at]}`, `shop/${name}`]);

  it("ties so many servers and no more, whoever is noted first", () => {
    const book = bookOf(...names.map((name) => aPolicy(name, `on-${name}`)));
    book.noteSharing("shop", pairs);
    expect(book.unitOf("on-p00")).toHaveLength(tiedMax);
    const may = (): readonly boolean[] => pairs.map((pair) => book.mayShare("shop", pair));
    expect(may()).toEqual(pairs.map((_, at) => at < tiedMax - 1));
    book.noteSharing("shop", pairs.toReversed());
    expect(may()).toEqual(pairs.map((_, at) => at < tiedMax - 1));
    book.noteSharing("shop", pairs.slice(1));
    expect(pairs.slice(1).every((pair) => book.mayShare("shop", pair))).toBe(true);
  });

  it("has so many sets of policies that share workloads and no more, whatever they are on", () => {
    const policies = Array.from({ length: sharingsMax + 2 }, (_, at) => `p${1_000 + at}`);
    const book = bookOf(...policies.map((name) => aPolicy(name, "one")));
    const sets = policies.slice(1).map((name, at) => [`shop/${policies[at]}`, `shop/${name}`]);
    for (const noted of [sets, sets.toReversed()]) {
      book.noteSharing("shop", noted);
      const may = sets.map((one) => book.mayShare("shop", one));
      expect(may).toEqual(sets.map((_, at) => at < sharingsMax));
    }
  });

  it("ties the replicas of its policies first, and another one is not kept from its own", () => {
    const replicas = names.slice(2).map((name) => `on-${name}`);
    const half = replicas.length / 2;
    const linked = [
      aPolicy("a", "one", replicas.slice(0, half)),
      aPolicy("c", "one", replicas.slice(half)),
    ];
    const book = bookOf(aPolicy("a", "one"), aPolicy("b", "two"));
    book.noteSharing("shop", [sharing]);
    for (const one of linked) {
      expect(book.mayTie(one)).toBe(true);
      book.set(one);
    }
    expect(book.unitOf("one")).toHaveLength(tiedMax);
    expect(book.mayShare("shop", sharing)).toBe(false);
    const other = { ...aPolicy("x", "one"), key: "bank/x", namespace: "bank" };
    book.set(other);
    book.set({ ...aPolicy("y", "two"), key: "bank/y", namespace: "bank" });
    book.noteSharing("bank", [["bank/x", "bank/y"]]);
    expect(book.mayShare("bank", ["bank/x", "bank/y"])).toBe(true);
  });
});
