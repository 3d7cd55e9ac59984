// The pool size that a pod says of itself: our annotation and its environment, of which the larger
// one counts.

import { describe, expect, test } from "vitest";
import type { ObservedContainer } from "../../src/observed.ts";
import { poolSizeIn } from "../../src/reconcile/sizes/said-size.ts";
import { largestOwnSize, ownSizeOf } from "../../src/reconcile/sizes/own-size.ts";
import { aSizing } from "../support/builders.ts";
import { aContainer } from "../support/memory-world/world.ts";

const sizing = aSizing({ unmanagedPoolSize: 12 });
const resolve = (): undefined => undefined;
const silent: ObservedContainer = { name: "app", env: [], envFrom: [] };

describe("ownSizeOf", () => {
  test.each([
    { name: "only the entry", container: aContainer(7), annotation: undefined, want: 7 },
    { name: "annotation and entry agree", container: aContainer(7), annotation: "7", want: 7 },
    { name: "the entry is larger", container: aContainer(50), annotation: "7", want: 50 },
    { name: "the annotation is larger", container: aContainer(5), annotation: "7", want: 7 },
    { name: "an annotation alone sizes nothing", container: silent, annotation: "7", want: 12 },
    { name: "a large annotation alone", container: silent, annotation: "70", want: 70 },
    { name: "neither", container: silent, annotation: undefined, want: 12 },
    { name: "an annotation in words", container: aContainer(7), annotation: "six", want: 7 },
    { name: "no container", container: undefined, annotation: undefined, want: 12 },
  ])("$name: $want", ({ container, annotation, want }) => {
    expect(ownSizeOf(container, sizing, { annotation, resolve }).poolSize).toBe(want);
  });
});

test.each([
  { name: "a literal", container: containerWith({ value: "hunter2-s3cret" }), where: "DB_PW" },
  {
    name: "a reference",
    container: containerWith({ from: { kind: "Secret", name: "db", key: "pw" } }),
    where: "Secret db, key pw",
  },
])("a value that is no size is not repeated: $name", ({ container, where }) => {
  const lookup = { annotation: undefined, resolve: () => "hunter2-s3cret" };
  const { problem } = ownSizeOf(container, aSizing({ maxSizeName: "DB_PW" }), lookup);
  expect(problem).toContain(`${where} is not a pool size (a whole number of at least 1)`);
  expect(problem).not.toContain("hunter2");
});

test("a container of which not all entries are kept has a size only where it is among them", () => {
  const lookup = { annotation: undefined, resolve };
  expect(ownSizeOf({ ...aContainer(7), isCut: true }, sizing, lookup).poolSize).toBe(7);
  const { poolSize, source, problem } = ownSizeOf({ ...silent, isCut: true }, sizing, lookup);
  expect({ poolSize, source }).toEqual({ poolSize: 12, source: "unmanaged" });
  expect(problem).toContain("container app has too many variables and arguments");
});

describe("of many sources of an environment", () => {
  /** As many as a template can have, of which one says the size. */
  const ownSizeAt = (place: number): { size: ReturnType<typeof ownSizeOf>; asked: Set<string> } => {
    const envFrom = Array.from({ length: 10_000 }, (_, index) => {
      return { kind: "ConfigMap" as const, name: `c${index}`, prefix: "" };
    });
    const asked = new Set<string>();
    const lookUp = ({ name }: { readonly name: string }): string | undefined => {
      asked.add(name);
      return name === `c${place}` ? "33" : undefined;
    };
    const lookup = { annotation: undefined, resolve: lookUp };
    return { size: ownSizeOf({ ...silent, envFrom }, sizing, lookup), asked };
  };

  test("the last fifty are looked up in", () => {
    const { size, asked } = ownSizeAt(9_950);
    expect(size).toEqual({ poolSize: 33, source: "reference" });
    expect(asked.size).toBe(50);
  });

  test("the others are not, and that is said", () => {
    const { size, asked } = ownSizeAt(9_949);
    expect(size).toMatchObject({ poolSize: 12, source: "unmanaged" });
    expect(size.problem).toContain(
      "more than 50 entries in envFrom, of which the last 50 are read",
    );
    expect(asked.size).toBe(50);
  });
});

function containerWith(more: Partial<ObservedContainer["env"][number]>): ObservedContainer {
  return { ...silent, env: [{ name: "DB_PW", ...more }] };
}

test("pods of one template have its containers looked at once", () => {
  let looks = 0;
  const counted = Array.from({ length: 100 }, (_, at) => ({
    ...aContainer(at),
    get env() {
      looks += 1;
      return aContainer(at).env;
    },
  }));
  const sizes = Array.from({ length: 50 }, (_, at) =>
    largestOwnSize(counted, sizing, { annotation: String(at * 10), resolve }),
  );
  const first = looks;
  expect(sizes.map(({ poolSize }) => poolSize).slice(8, 12)).toEqual([99, 99, 100, 110]);
  largestOwnSize([...counted], sizing, { annotation: undefined, resolve });
  expect(looks).toBe(2 * first);
});

test("of many containers with sources, fifty sources are looked up in, and that is said", () => {
  const asked = new Set<string>();
  const containers = Array.from({ length: 100 }, (_, at) => ({
    ...silent,
    envFrom: Array.from({ length: 14 }, (__, source) => {
      return { kind: "ConfigMap" as const, name: `c${at}-${source}`, prefix: "" };
    }),
  }));
  const ask = ({ name }: { readonly name: string }): string | undefined => {
    asked.add(name);
    return name === "c2-0" ? "3" : undefined;
  };
  const size = largestOwnSize(containers, sizing, { annotation: undefined, resolve: ask });
  expect(asked.size).toBe(3 * 14);
  expect(size).toMatchObject({ poolSize: 12, source: "unmanaged" });
  expect(size.problem).toContain("the containers together have more than 50 entries in envFrom");
});

test("of several containers the largest counts", () => {
  const containers = [aContainer(7), aContainer(30), aContainer(9)];
  expect(largestOwnSize(containers, sizing, { annotation: undefined, resolve }).poolSize).toBe(30);
});

test.each([
  { text: "6", want: 6 },
  { text: " 6 ", want: 6 },
  { text: "1000000", want: 1_000_000 },
  { text: "1000001", want: undefined },
  { text: "0", want: undefined },
  { text: "-1", want: undefined },
  { text: "1e3", want: undefined },
  { text: "fifty", want: undefined },
  { text: "", want: undefined },
])("'$text' is the pool size $want", ({ text, want }) => {
  expect(poolSizeIn(text)).toBe(want);
});
