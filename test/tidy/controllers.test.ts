// The metrics of controllers have a series for each of them from the start, by a list that is
// written by hand; so are the names that the controllers are made with.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { controllers } from "../../src/adapters/metric-values.ts";

const source = join(import.meta.dirname, "..", "..", "src");

/** Each is made with its name beside its queue. */
function madeIn(file: string): readonly string[] {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/name: "([a-z-]+)",\s*queue\b/g)].map(([, name = ""]) => name);
}

test("the metrics know every controller", () => {
  const made = [...madeIn("operator.ts"), ...madeIn("late-reads.ts")];
  expect(made.toSorted()).toEqual(controllers.toSorted());
});
