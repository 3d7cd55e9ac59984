// Objects as large as etcd takes, which anybody may make who may edit a Deployment: what is kept of
// them is bounded, and what matters of a pool is still found.

import { expect, test } from "vitest";
import { createProjections } from "../../../../src/adapters/kubernetes/project.ts";
import { expectCpuBelow } from "../../../support/cpu-time.ts";
import { rawPod, rawWorkload } from "./raw-objects.ts";

const { Deployment: deployment, pod } = createProjections();

function variables(count: number, name: (place: number) => string): object[] {
  return Array.from({ length: count }, (_, place) => ({ name: name(place), value: "1" }));
}

function containersWith(...env: readonly (readonly object[])[]): object {
  return { containers: env.map((entries, place) => ({ name: `c${place}`, env: entries })) };
}

function keptOf(...env: readonly (readonly object[])[]): {
  readonly entries: number;
  readonly isCut: boolean;
  readonly says: string | undefined;
} {
  const template = { metadata: {}, spec: containersWith(...env) };
  const { containers = [] } = deployment(rawWorkload({ template })) ?? {};
  const entries = containers.flatMap((container) => container.env);
  return {
    entries: entries.length,
    isCut: containers.some(({ isCut = false }) => isCut),
    says: entries.findLast(({ name }) => name === "DB_POOL_MAX_SIZE")?.value,
  };
}

const size = { name: "DB_POOL_MAX_SIZE", value: "7" };
const others = (count: number): object[] => variables(count, (place) => `V${place}`);
const sizes = (count: number): object[] => variables(count, (place) => `V${place}_POOL_SIZE`);

test.each([
  { name: "all of 400 entries", env: [others(399), [size]].flat(), entries: 400, isCut: false },
  { name: "of 4,000 the one size", env: [others(3_999), [size]].flat(), entries: 1, isCut: false },
  { name: "the first of 4,000", env: [[size], others(3_999)].flat(), entries: 1, isCut: false },
  {
    name: "of 4,000 sizes the last",
    env: [sizes(3_999), [size]].flat(),
    ...{ entries: 400, isCut: true },
  },
  { name: "the last of 95,000", env: [others(94_999), [size]].flat(), entries: 1, isCut: true },
])("what is kept of a container: $name", ({ env, entries, isCut }) => {
  expect(keptOf(env)).toEqual({ entries, isCut, says: "7" });
});

test.each([
  { name: "of 4,000 entries", env: others(4_000) },
  { name: "of 95,000 entries", env: others(95_000) },
  { name: "before 4,000 sizes", env: sizes(4_000) },
])("what we own $name is kept: an apply that left it out would remove it", ({ env }) => {
  const ours = { name: "JOURNAL_BUFFER", value: "5" };
  const owned = { ".": {}, [`k:${JSON.stringify({ name: ours.name })}`]: {} };
  const containers = { 'k:{"name":"c0"}': { "f:env": owned } };
  const fieldsV1 = { "f:spec": { "f:template": { "f:spec": { "f:containers": containers } } } };
  const template = { metadata: {}, spec: containersWith([ours, ...env]) };
  const metadata = { managedFields: [{ manager: "poolwarden", fieldsV1 }] };
  const kept = deployment(rawWorkload({ metadata, template }));
  expect(kept?.containers[0]?.env).toContainEqual(ours);
  expect(kept?.envManagers).toEqual({ "c0/JOURNAL_BUFFER": ["poolwarden"] });
});

test("many containers share what is kept of one", () => {
  const env = Array.from({ length: 1_000 }, () => [...sizes(100), size]);
  const { entries, isCut } = keptOf(...env);
  expect(entries).toBe(400);
  expect(isCut).toBe(true);
});

test("of managers, sources, labels and annotations no more is kept than is asked for", () => {
  const many = (count: number): number[] => Array.from({ length: count }, (_, place) => place);
  const owned = {
    'k:{"name":"c0"}': { "f:env": { [`k:${JSON.stringify({ name: size.name })}`]: {} } },
  };
  const managedFields = [...many(5_000).map((place) => `tool-${place}`), "poolwarden"].map(
    (manager) => ({
      manager,
      fieldsV1: { "f:spec": { "f:template": { "f:spec": { "f:containers": owned } } } },
    }),
  );
  const labels = Object.fromEntries(many(20_000).map((place) => [`l${place}`, ""]));
  const annotations = { "poolwarden.dev/reverts": "1".repeat(200_000) };
  const envFrom = many(20_000).map((place) => ({ configMapRef: { name: `c${place}` } }));
  const container = { name: "c0", env: [size], envFrom };
  const template = { metadata: { annotations }, spec: { containers: [container] } };
  const metadata = { labels, annotations, managedFields };
  const kept = deployment(rawWorkload({ metadata, template }));
  expect(kept?.envManagers["c0/DB_POOL_MAX_SIZE"]).toHaveLength(11);
  expect(kept?.envManagers["c0/DB_POOL_MAX_SIZE"]).toContain("poolwarden");
  expect(kept?.containers[0]?.envFrom.at(-1)?.name).toBe("c19999");
  expect(JSON.stringify(kept).length).toBeLessThan(20_000);
});

test("an annotation that is longer than a number is no pool size", () => {
  const annotations = { "poolwarden.dev/pool-size": `7${" ".repeat(100_000)}` };
  expect(pod(rawPod({ metadata: { annotations } }))?.poolSizeAnnotation).toBe("");
});

test.each(["MAX", "IDLE_", "DATABASE", "_DB", "MIN_", "DATABASE_LIMI"])(
  "a variable whose name is a megabyte of %s is nobody's size and takes no time",
  (word) => {
    const long = { name: word.repeat(1_300_000 / word.length), value: "1" };
    const few = [size, long];
    const many = [...sizes(400), long, size];
    expectCpuBelow(100, () => {
      expect(keptOf(few)).toEqual({ entries: 1, isCut: false, says: "7" });
      expect(keptOf(many)).toEqual({ entries: 400, isCut: true, says: "7" });
    });
  },
);

test.each(["MAX", "SIZE"])("many names of many times %s take no time", (word) => {
  const names = variables(5_000, (place) => `${place}${word.repeat(128)}`.slice(0, 128));
  expectCpuBelow(400, () => keptOf(...Array.from({ length: 8 }, () => names)));
});

const javaOptions = (characters: number): string =>
  `${"-Dx=1 ".repeat(characters / 6)}-Dpool.size=7`;

test.each([
  { name: "60,000 characters of the one", containers: 1, characters: 60_000, found: true },
  { name: "not 70,000 of it", containers: 1, characters: 70_000, found: false },
  { name: "not 60,000 of each of 20", containers: 20, characters: 60_000, found: false },
  { name: "6,000 of each of 20", containers: 20, characters: 6_000, found: true },
])("sizes are looked for in the arguments of containers: $name", (given) => {
  const args = [javaOptions(given.characters)];
  const all = variables(given.containers, (place) => `c${place}`).map((one) => ({ ...one, args }));
  const template = { metadata: {}, spec: { containers: all } };
  const { containers = [] } = deployment(rawWorkload({ template })) ?? {};
  expect(containers.every(({ settings }) => settings?.[0]?.value === "7")).toBe(given.found);
});

test("of what a value refers to the first twenty variables are looked at", () => {
  const value = `${variables(20, (place) => `$(V${place})`)
    .map(nameIn)
    .join()}$(DB_POOL_SIZE)`;
  const refersTo = (said: string): readonly string[] | undefined => {
    const env = [{ name: "URL", value: said }];
    const template = { metadata: {}, spec: containersWith(env) };
    return deployment(rawWorkload({ template }))?.containers[0]?.env[0]?.refersTo;
  };
  expect([refersTo(value), refersTo(value.replace("$(V0),", ""))]).toEqual([
    undefined,
    ["DB_POOL_SIZE"],
  ]);
});

function nameIn(variable: object): string {
  return (variable as { readonly name: string }).name;
}
