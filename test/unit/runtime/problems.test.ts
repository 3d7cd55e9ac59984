// A person is told once what keeps the caches from being filled.

import { expect, test } from "vitest";
import { Problems } from "../../../src/runtime/problems.ts";
import { MemoryLog } from "../../support/memory-log.ts";

test("when many informers lose the server, one line says so", () => {
  const log = new MemoryLog();
  const problems = new Problems(log);
  for (const kind of ["Pod", "Deployment", "Pod"]) {
    problems.report(kind, { kind, code: "K8S_UNAVAILABLE", message: "refused" });
  }
  problems.report("Secret", { kind: "Secret", code: "K8S_FORBIDDEN", message: "no" });
  problems.solve("Deployment");
  problems.solve("Pod");
  problems.solve("Pod");
  expect(log.messages("warn")).toEqual([
    "the API server does not answer, trying again",
    "a permission is missing, trying again",
  ]);
  expect(log.messages("info")).toEqual(["reading works again"]);
});
