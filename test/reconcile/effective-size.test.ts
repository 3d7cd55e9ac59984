// What a container says of its pool where it says it in more than one place: a size and
// an overflow, a variable and a connection URL, several arguments, our annotation. What counts is
// never less than what the process may open.

import { describe, expect, test } from "vitest";
import type { Sizing } from "../../src/api/sizing.ts";
import { ownSizeOf } from "../../src/reconcile/sizes/own-size.ts";
import type { FoundSetting, ObservedContainer } from "../../src/observed.ts";
import { aSizing } from "../support/builders.ts";

const named = aSizing({ maxSizeName: "POOL_SIZE", overflowName: "MAX_OVERFLOW" });
const generic = aSizing();
/** Reads no URL: arguments win over its variable. */
const spring = aSizing({ readsUrl: false });
const resolve = (): undefined => undefined;

function containerWith(
  env: Readonly<Record<string, string>>,
  settings: readonly FoundSetting[] = [],
): ObservedContainer {
  const entries = Object.entries(env).map(([name, value]) => ({ name, value }));
  return { name: "app", env: entries, envFrom: [], settings };
}

const argument = (value: string): FoundSetting => {
  return { place: "args", kind: "argument", name: "db-pool-max-size", value };
};
const url = (value: string): FoundSetting => {
  return { place: "DATABASE_URL", kind: "url", name: "pool_size", value };
};

describe("a size and its overflow are one pool, which may open the sum", () => {
  test.each([
    { name: "both are set", env: { POOL_SIZE: "5", MAX_OVERFLOW: "20" }, want: 25 },
    { name: "an overflow of 0", env: { POOL_SIZE: "5", MAX_OVERFLOW: "0" }, want: 5 },
    { name: "without an overflow the library adds 10", env: { POOL_SIZE: "5" }, want: 15 },
    {
      name: "an overflow that is no number counts as 10",
      env: { POOL_SIZE: "5", MAX_OVERFLOW: "many" },
      want: 15,
    },
    {
      name: "an overflow alone goes beyond what is assumed of the size",
      env: { MAX_OVERFLOW: "40" },
      want: 50,
    },
    { name: "neither", env: {}, want: 10 },
  ])("$name: $want", ({ env, want }) => {
    const size = ownSizeOf(containerWith(env), named, { annotation: undefined, resolve });
    expect([size.poolSize, size.unlimited]).toEqual([want, undefined]);
  });

  test.each([
    { env: { DEFAULT_POOL_SIZE: "8" }, want: 8 },
    { env: { DEFAULT_POOL_SIZE: "8", RESERVE_POOL_SIZE: "5" }, want: 13 },
    { env: {}, want: 20 },
  ])("PgBouncer has no reserve that it is not told of: $env is $want", ({ env, want }) => {
    const pooler = aSizing({
      ...{ maxSizeName: "DEFAULT_POOL_SIZE", overflowName: "RESERVE_POOL_SIZE" },
      ...{ usualOverflow: 0, unmanagedPoolSize: 20 },
    });
    const size = ownSizeOf(containerWith(env), pooler, { annotation: undefined, resolve });
    expect(size.poolSize).toBe(want);
  });

  test("an overflow below 0 is no limit", () => {
    const container = containerWith({ POOL_SIZE: "5", MAX_OVERFLOW: "-1" });
    const size = ownSizeOf(container, named, { annotation: undefined, resolve });
    expect(size).toMatchObject({ poolSize: named.ceiling + 1, unlimited: true });
  });

  test("also where an argument sets the size", () => {
    const setting: FoundSetting = { ...argument("30"), name: "pool-size" };
    const container = containerWith({ POOL_SIZE: "5", MAX_OVERFLOW: "20" }, [setting]);
    const size = ownSizeOf(container, named, { annotation: undefined, resolve });
    expect(size).toMatchObject({ poolSize: 50, setElsewhere: "args sets pool-size" });
  });

  test("which is not known while what the overflow refers to is not read", () => {
    const from = { kind: "ConfigMap" as const, name: "web", key: "overflow" };
    const env = [
      { name: "POOL_SIZE", value: "5" },
      { name: "MAX_OVERFLOW", from },
    ];
    const container = { ...containerWith({}), env };
    const read = { annotation: undefined, resolve: () => "40" };
    expect(ownSizeOf(container, named, read).poolSize).toBe(45);
    expect(ownSizeOf(container, named, { ...read, resolve }).poolSize).toBe(15);
  });
});

interface Places {
  readonly name: string;
  readonly sizing: Sizing;
  readonly settings: readonly FoundSetting[];
  readonly variable?: string;
  readonly want: number;
  readonly unlimited?: true;
}

describe("of a size in several places", () => {
  test.each<Places>([
    {
      name: "the largest of several arguments counts, whichever comes first",
      ...{ sizing: spring, settings: [argument("5"), argument("40")], want: 40 },
    },
    {
      name: "the largest of several arguments counts, whichever comes last",
      ...{ sizing: spring, settings: [argument("40"), argument("5")], want: 40 },
    },
    {
      name: "an argument wins over the variable where the library reads no URL",
      ...{ sizing: spring, settings: [argument("5")], variable: "30", want: 5 },
    },
    {
      name: "the larger one of variable and URL counts: the variable",
      ...{ sizing: generic, settings: [url("5")], variable: "30", want: 30 },
    },
    {
      name: "the larger one of variable and URL counts: the URL",
      ...{ sizing: generic, settings: [url("40")], variable: "30", want: 40 },
    },
    {
      name: "a variable without a limit is the larger one",
      ...{ sizing: generic, settings: [url("5")], variable: "0", want: 51, unlimited: true },
    },
    {
      name: "a URL without a limit is the larger one",
      ...{ sizing: generic, settings: [url("0")], variable: "30", want: 51, unlimited: true },
    },
  ])("$name", ({ sizing, settings, variable, want, unlimited }) => {
    const env = variable === undefined ? {} : { DB_POOL_MAX_SIZE: variable };
    const container = containerWith(env, settings);
    const size = ownSizeOf(container, sizing, { annotation: undefined, resolve });
    expect([size.poolSize, size.unlimited]).toEqual([want, unlimited]);
    expect(size.setElsewhere).toMatch(/^(args|DATABASE_URL) sets/);
  });
});

describe("our annotation on a pod", () => {
  test.each([
    { name: "that has no limit all the same leaves it without one", value: "0", annotation: "7" },
    { name: "that is larger leaves it without one", value: "-1", annotation: "90" },
  ])("$name", ({ value, annotation }) => {
    const container = containerWith({ DB_POOL_MAX_SIZE: value });
    const size = ownSizeOf(container, generic, { annotation, resolve });
    expect(size).toMatchObject({ source: "annotation", unlimited: true });
    expect(size.poolSize).toBe(Math.max(51, Number(annotation)));
  });

  test("whose size is set elsewhere says where", () => {
    const container = containerWith({ DB_POOL_MAX_SIZE: "7" }, [argument("40")]);
    const size = ownSizeOf(container, spring, { annotation: "7", resolve });
    expect(size).toMatchObject({ poolSize: 40, setElsewhere: "args sets db-pool-max-size" });
  });
});
