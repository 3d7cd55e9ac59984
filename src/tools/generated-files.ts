// Every generated file and its content, in one list: whoever generates something adds a line
// here.

import { stringify } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { buildCrd } from "../api/crd.ts";
import { buildAdmissionPolicy, buildAdmissionPolicyBinding } from "../render/admission-policy.ts";
import { buildInstall } from "../render/install.ts";
import { buildAlertsReference } from "./alerts-reference.ts";
import { buildReference } from "./reference.ts";

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** What `make generate` writes and `make test` compares. */
export function generatedFiles(): readonly GeneratedFile[] {
  const crd = buildCrd();
  const admission = [buildAdmissionPolicy(), buildAdmissionPolicyBinding()];
  const install = buildInstall(`poolwarden:${packageJson.version}`);
  return [
    { path: "charts/install.yaml", content: toYaml(...install) },
    { path: "crds/admission-policy.yaml", content: toYaml(...admission) },
    { path: `crds/${crd.metadata.name}.yaml`, content: toYaml(crd) },
    { path: "docs/reference/alerts.md", content: buildAlertsReference() },
    { path: "docs/reference/poolpolicy.md", content: buildReference(crd) },
  ];
}

/** YAML documents under a line that says where they come from. */
export function toYaml(...objects: readonly object[]): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false };
  const bodies = objects.map((object) => stringify(object, options));
  return `# Generated from src by \`make generate\`; do not edit.\n${bodies.join("---\n")}`;
}
