// The parts of a connection URI are the same for every engine; the words are each engine's.

import { expect, test } from "vitest";
import { engineNames, engines, uriFormOf } from "../../../src/api/engines.ts";
import { orProblem } from "../../../src/domain/supply/connection-parameters.ts";
import { splitUri } from "../../../src/domain/supply/uri-parts.ts";

test.each(engineNames)("a URI of %s has its parts", (name) => {
  for (const scheme of engines[name].schemes) {
    expect(splitUri(`${scheme}://app:p%40ss@db:77/orders?a=b`, engines[name])).toEqual({
      ...{ user: "app", password: "p%40ss", hosts: "db:77", database: "orders", query: "a=b" },
    });
  }
});

test.each(engineNames)("what is no URI of %s is told its form, and is not repeated", (name) => {
  for (const text of [
    "",
    "jdbc:s3cr3t",
    "host=s3cr3t",
    "other://app:s3cr3t@db/x",
    "x".repeat(9_000),
  ]) {
    const problem = JSON.stringify(orProblem(() => splitUri(text, engines[name])));
    expect(problem).toContain(uriFormOf(engines[name]));
    expect(problem).not.toContain("s3cr3t");
  }
});
