// What next pods get while nothing is decided: what was given last, or what their template says.

import { expect, test } from "vitest";
import { isAssigned, sayNextSize } from "../../../src/domain/explain/unassigned.ts";
import { aGrant, aWorkload } from "../../support/builders.ts";

test.each([
  { name: "a grant", given: { grant: aGrant(5) } },
  { name: "a template that we wrote", given: { writtenPoolSize: 5 } },
  { name: "a roll", given: { rolledPoolSize: 5 } },
])("a size was assigned by $name", ({ given }) => {
  expect(isAssigned(aWorkload())).toBe(false);
  expect(isAssigned(aWorkload("web", given))).toBe(true);
});

test("which size that is, and whether the limit is why", () => {
  const known = { budgetSlots: 10 };
  const unknown = { budgetSlots: undefined };
  const template = "; new pods use the value in their own template";
  expect(sayNextSize(known, aWorkload())).toBe(`no size assigned yet${template}`);
  expect(sayNextSize(unknown, aWorkload())).toBe(
    `no size assigned yet: the limit of the server is unknown${template}`,
  );
  expect(sayNextSize(unknown, aWorkload("web", { grant: aGrant(5) }))).toBe(
    "keeps its last size: the limit of the server is unknown",
  );
});
