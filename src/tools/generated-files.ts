// Every generated file and its content, in one list: whoever generates something adds a line
// here.

import { stringify } from "yaml";
import { buildCrd } from "../api/crd.ts";
import { buildAdmissionPolicy, buildAdmissionPolicyBinding } from "../render/admission-policy.ts";
import { buildReference } from "./reference.ts";

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** What `make generate` writes and `make verify` compares. */
export function generatedFiles(): readonly GeneratedFile[] {
  const crd = buildCrd();
  const admission = [buildAdmissionPolicy(), buildAdmissionPolicyBinding()];
  return [
    { path: "crds/admission-policy.yaml", content: admission.map(toYaml).join("---\n") },
    { path: `crds/${crd.metadata.name}.yaml`, content: toYaml(crd) },
    { path: "docs/reference/poolpolicy.md", content: buildReference(crd) },
  ];
}

/** YAML with a line that says where it comes from. */
export function toYaml(object: object): string {
  const body = stringify(object, { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Generated from src by \`make generate\`; do not edit.\n${body}`;
}
