// What was read of a server counts while a policy with whose login it was read is there.
import { expect, test } from "vitest";
import { Readings, windowMs } from "../../src/reconcile/memory/readings.ts";
import { aReading } from "../support/builders.ts";

const [a, b] = ["a:5432", "b:5432"];
const readers = { [a]: "shop/a", [b]: "shop/b" };

/** Two names, each read with the login of a policy of its own, that are one server now. */
function united(): Readings {
  const readings = new Readings();
  for (const [name, reader] of Object.entries(readers)) {
    const reading = aReading();
    const read = {
      read: new Map([[name, { reading, answeredAtMs: 0 }]]),
      reading,
      readers: [reader],
    };
    readings.recordNames(name, read, { askedAtMs: 0, answeredAtMs: 0 });
  }
  readings.unite(a, b);
  return readings;
}

test.each([
  { name: "the one that read its first name", left: [readers[a]], isKnown: true },
  { name: "the one that read its other name", left: [readers[b]], isKnown: true },
  { name: "one that never read it", left: ["shop/c"], isKnown: false },
  { name: "nobody", left: [], isKnown: false },
])("of two names of one server, $name is left: known $isKnown", ({ left, isKnown }) => {
  const readings = united();
  readings.forgetRead(a, new Set(left as string[]));
  expect(readings.factsOf(a, { monotonicMs: 1 }).reading !== undefined).toBe(isKnown);
  // Sessions that were shown a moment ago are there as before.
  expect(readings.factsOf(a, { monotonicMs: windowMs }).sessionSamples).not.toEqual([]);
  const { sessionSamples } = readings.factsOf(a, { monotonicMs: windowMs + 1 });
  expect(sessionSamples.length > 0).toBe(isKnown);
});
