// What the expressions do is tried on a real API server (test/integration/admission-pods.test.ts).
import { expect, it } from "vitest";
import { containerFor, containerOfThisPod } from "../../../src/render/admission-containers.ts";

it("each grant is for one container, found by the place of its key", () => {
  expect(containerFor("k")).toBe("variables.targeted[variables.ready.indexOf(k)]");
});

it("a container counts if it runs beside the others", () => {
  expect(containerOfThisPod).toContain("has(object.spec.containers)");
  expect(containerOfThisPod).toContain("c.restartPolicy == 'Always'");
});
