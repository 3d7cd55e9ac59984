// The Helm of a test file: found, or built, once; without it each test is skipped with the reason.
import { afterAll, beforeAll, beforeEach } from "vitest";
import { openWorkspace, type Workspace } from "../processes.ts";
import { findHelm, type HelmMajor } from "./helm-programs.ts";
import type { Helm } from "./helm.ts";

/** Registers the hooks of the describe block that calls it; the Helm is there when tests run. */
export function useHelm(major: HelmMajor): () => Helm {
  let workspace: Workspace;
  let helm: Helm | undefined;
  let reason = "";
  beforeAll(async () => {
    workspace = await openWorkspace("poolwarden-helm-");
    const program = await findHelm(major);
    if (program.kind === "found") helm = { path: program.path, home: workspace.directory };
    else ({ reason } = program);
  });
  afterAll(() => workspace.close());
  beforeEach(({ skip }) => {
    if (helm === undefined) skip(reason);
  });
  return () => {
    if (helm === undefined) throw new Error(reason);
    return helm;
  };
}
