// Parameters that each client calls by a name of its own. Those of an engine are tested with its
// URI.
import { expect, test } from "vitest";
import { orProblem } from "../../../src/domain/supply/connection-parameters.ts";
import { plainParameters, plainWords } from "../../../src/domain/supply/plain-parameters.ts";

const known = {
  kept: plainWords("ssl-mode"),
  withoutBearing: plainWords("pool_size"),
  files: plainWords("ssl-ca"),
  notKept: plainWords("socket"),
};

function read(query: string): unknown {
  return orProblem(() => ({ kind: "read", values: [...plainParameters(query, known)] }));
}

test("names are the same without case, hyphens and underscores", () => {
  expect(read("sslMode=A&SSL_MODE=A&poolSize=3")).toEqual({
    kind: "read",
    values: [
      ["sslmode", "A"],
      ["poolsize", "3"],
    ],
  });
});

test.each([
  ["sslMode=A&ssl-mode=B", "ssl-mode is given twice"],
  ["ssl_ca=/x", "ssl_ca names a file, which the operator cannot read"],
  ["socket=/x", "the operator does not support socket: remove it"],
  ["other=1", "the URI has an unknown parameter, other: correct it, or remove it"],
  ["other=1@host", "the URI has an unknown parameter: correct it, or remove it"],
])("%s is refused", (query, want) => {
  expect(JSON.stringify(read(query))).toContain(want);
});
