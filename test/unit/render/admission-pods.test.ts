// What the expressions do is tried on a real API server (test/integration/admission-pods.test.ts).
import { expect, it } from "vitest";
import { isPicked, placesList, podsVariables } from "../../../src/render/admission-pods.ts";

const found = new Map(podsVariables((key) => `annotationOf(${key})`));

it("as many places as a policy may have entries with pods", () => {
  expect(placesList).toMatch(/^\[0, 1, .*, 19\]$/);
});

it("an entry without labels picks nothing", () => {
  expect(isPicked).toContain("w.pods.matchLabels.size() > 0");
});

it("a pod of a workload with a grant is not picked, nor one that has another size", () => {
  expect(found.get("matching")).toMatch(/^variables\.workloadKeys\.size\(\) == 0 && /);
  expect(found.get("podsKeys")).toContain("!= string(params.status.grants");
});
