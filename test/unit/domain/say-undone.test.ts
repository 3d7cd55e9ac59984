// Who is named where a roll was undone.

import { expect, test } from "vitest";
import { sayUndone } from "../../../src/domain/words/say-undone.ts";
import { aWorkload } from "../../support/builders.ts";

test.each([
  { name: "nobody knows", facts: {}, says: "somebody has put" },
  {
    name: "people alone write it",
    facts: { templateManagers: ["helm", "kubectl-client-side-apply"] },
    says: "somebody has put",
  },
  { name: "what it was made from", facts: { owner: "Lake/main" }, says: "Lake/main has put" },
  {
    name: "the program that writes it",
    facts: { templateManagers: ["lake-operator"] },
    says: "field manager lake-operator has put",
  },
  {
    name: "one of two programs",
    facts: { owner: "Lake/main", templateManagers: ["kubectl", "lake-operator"] },
    says: "Lake/main (field manager kubectl or lake-operator) has put",
  },
  { name: "after one", facts: {}, says: "the pod template back after the last rollout" },
  { name: "after three", facts: { undone: 2 }, says: "after several rollouts" },
])("$name", ({ facts, says }) => {
  expect(sayUndone(aWorkload("web", facts))).toContain(says);
});
