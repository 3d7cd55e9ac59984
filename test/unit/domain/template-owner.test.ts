// Whether something owns a workload's template that may write it back each time.

import { expect, test } from "vitest";
import { hasTemplateOwner } from "../../../src/domain/demand/template-owner.ts";

test.each([
  { name: "a custom resource controls it", facts: { owner: "Lake/main" }, want: true },
  { name: "an operator writes it", facts: { templateManagers: ["lake-operator"] }, want: true },
  {
    name: "an operator and a person write it",
    facts: { templateManagers: ["kubectl-edit", "octopus"] },
    want: true,
  },
  { name: "nobody else does", facts: { templateManagers: [] }, want: false },
  { name: "nobody says so", facts: {}, want: false },
  ...["kubectl", "kubectl-client-side-apply", "kubectl-rollout", "oc", "k9s", "helm", "Lens"].map(
    (name) => ({ name, facts: { templateManagers: [name] }, want: false }),
  ),
  ...["node-fetch", "Mozilla", "dashboard-api"].map((name) => {
    return { name, facts: { templateManagers: [name] }, want: false };
  }),
  ...["kubectler", "helmsman", "argocd-controller", "ocean-operator"].map((name) => {
    return { name, facts: { templateManagers: [name] }, want: true };
  }),
])("$name: $want", ({ facts, want }) => {
  expect(hasTemplateOwner(facts)).toBe(want);
});
