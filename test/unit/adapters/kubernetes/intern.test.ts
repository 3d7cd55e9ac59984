// What is shared between objects is remembered only while it is said now and then: whoever edits an
// object without end must not fill our memory with what the object once said.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import {
  createInterner,
  type Interner,
  type InternerLimits,
} from "../../../../src/adapters/kubernetes/intern.ts";
import { createProjections } from "../../../../src/adapters/kubernetes/project.ts";
import { rawPod, rawWorkload } from "./raw-objects.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

interface Row {
  readonly name: string;
  readonly limits: InternerLimits;
  /** What is said after the first value, in this order. */
  readonly said: readonly string[];
  readonly isKept: boolean;
}

test.each<Row>([
  { name: "kept within both limits", limits: { entries: 3 }, said: ["b", "c"], isKept: true },
  {
    name: "forgotten for more entries",
    limits: { entries: 3 },
    said: ["b", "c", "d"],
    isKept: false,
  },
  { name: "kept by being said", limits: { entries: 3 }, said: ["b", "c", "a", "d"], isKept: true },
  {
    name: "forgotten for a few long ones",
    limits: { characters: 100 },
    said: ["b".repeat(40), "c".repeat(40)],
    isKept: false,
  },
  {
    name: "kept beside one that is longer than the limit",
    limits: { characters: 100 },
    said: ["b".repeat(101)],
    isKept: true,
  },
])("a value is $name", ({ limits, said, isKept }) => {
  const intern = createInterner(limits);
  const first = intern.value({ said: "a" });
  for (const word of said) intern.value({ said: word });
  expect(intern.value({ said: "a" }) === first).toBe(isKept);
});

type Edit = (intern: Interner, edit: number) => unknown;

test.each<{ name: string; edit: Edit }>([
  {
    name: "a Deployment of five thousand other variables each time",
    edit: (intern, edit) => {
      const env = Array.from({ length: 5_000 }, (_, place) => ({ name: `E${edit}_${place}` }));
      const containers = [{ name: "app", image: "app:1", env }];
      return createProjections(intern).Deployment(
        rawWorkload({ template: { spec: { containers } } }),
      );
    },
  },
  {
    name: "a pod with a size of another hundred thousand letters each time",
    edit: (intern, edit) => {
      const annotations = { "poolwarden.dev/pool-size": `${edit}`.padEnd(100_000, "x") };
      return createProjections(intern).pod(rawPod({ metadata: { annotations } }));
    },
  },
])("memory does not grow with edits of $name", ({ edit }) => {
  const intern = createInterner({ characters: 1024 * 1024 });
  const heapAfter = (count: number): number => {
    for (let done = 0; done < count; done++) edit(intern, Math.random());
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heapAfter(30);
  expect(heapAfter(90) - before).toBeLessThan(4 * 1024 * 1024);
});
