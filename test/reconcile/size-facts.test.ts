// What a template and its pods say beside the size that is written: bounds of it, and connections
// that no grant changes.

import { describe, expect, test } from "vitest";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import type { ObservedContainer, ObservedPod } from "../../src/observed.ts";
import { sizeFacts } from "../../src/reconcile/sizes/size-facts.ts";
import { aSpec } from "../support/builders.ts";
import { rawPod } from "../unit/adapters/kubernetes/raw-objects.ts";

type Env = Readonly<Record<string, string>>;

function containerWith(name: string, env: Env): ObservedContainer {
  const entries = Object.entries(env).map(([entry, value]) => ({ name: entry, value }));
  return { name, env: entries, envFrom: [] };
}

const app = containerWith("app", { DB_POOL_MAX_SIZE: "5" });
const jobs = containerWith("jobs", { DB_POOL_MAX_SIZE: "20" });
const overflowing = containerWith("app", { DB_POOL_MAX_SIZE: "5", DB_POOL_MAX_OVERFLOW: "30" });

const projected = createProjections().pod(rawPod());
const podOf = (...containers: readonly ObservedContainer[]): ObservedPod => {
  if (!projected) throw new Error("the raw pod has a name");
  return { ...projected, containers };
};

function factsOf(
  template: readonly ObservedContainer[],
  pods: readonly ObservedPod[] = [],
  entryOf: object = {},
): ReturnType<typeof sizeFacts> {
  const spec = aSpec({ workloads: [{ name: "web", container: "app", ...entryOf }] });
  const [entry] = spec.workloads;
  if (!entry) throw new Error("there is one");
  const container = template.find(({ name }) => name === "app");
  return sizeFacts({
    spec,
    entry,
    containers: template,
    container,
    pods,
    resolve: () => undefined,
  });
}

describe("connections beside the size, of each pod", () => {
  interface Beside {
    readonly name: string;
    readonly template: readonly ObservedContainer[];
    readonly pods?: readonly ObservedPod[];
    readonly want: number | undefined;
  }
  test.each<Beside>([
    { name: "the template has none", template: [app], want: undefined },
    { name: "the template has a second pool", template: [app, jobs], want: 20 },
    {
      name: "only an old pod still has a second pool",
      ...{ template: [app], pods: [podOf(app), podOf(app, jobs)], want: 20 },
    },
    {
      name: "only an old pod still has an overflow",
      ...{ template: [app], pods: [podOf(overflowing), podOf(app)], want: 30 },
    },
    {
      name: "the template has more than its old pods",
      ...{ template: [overflowing], pods: [podOf(app, jobs)], want: 30 },
    },
    {
      name: "a pod that has ended holds nothing any more",
      ...{ template: [app], pods: [{ ...podOf(app, jobs), finished: true }], want: undefined },
    },
  ])("$name: $want", ({ template, pods, want }) => {
    const { connectionsBeside, sizing } = factsOf(template, pods);
    expect(connectionsBeside).toBe(want);
    expect(sizing.extraConnectionsPerPod).toBe(want ?? 0);
  });

  test("are added to those that the policy speaks of", () => {
    const { sizing } = factsOf([app, jobs], [], { extraConnectionsPerPod: 3 });
    expect(sizing.extraConnectionsPerPod).toBe(23);
  });
});

describe("a minimum that the template sets", () => {
  const withMinimum = (value: string): ObservedContainer[] => [
    containerWith("app", { APP_POOL_MIN_SIZE: value, APP_POOL_MAX_SIZE: "90" }),
  ];
  const env = { maxSize: "APP_POOL_MAX_SIZE" };

  test.each([
    { name: "above the profile's ceiling is the ceiling too", minimum: "80", want: [80, 80] },
    { name: "below the ceiling is the floor", minimum: "20", want: [20, 50] },
    { name: "below the floor changes nothing", minimum: "1", want: [2, 50] },
  ])("$name", ({ minimum, want }) => {
    const { sizing, leastPoolSize } = factsOf(withMinimum(minimum), [], { env });
    expect([sizing.floor, sizing.ceiling]).toEqual(want);
    expect(leastPoolSize).toBe(Number(minimum));
  });
});
