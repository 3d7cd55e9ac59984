// Fills the cache so that it is either complete or not there: programs are made in a folder beside
// it that dies with us (Ctrl-C, kill -9), and one rename puts them in their place.
import { constants } from "node:fs";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openWorkspace } from "../processes.ts";
import type { Workspace } from "../processes.ts";
import { withBuildLock } from "./build-lock.ts";
import { found, missingPrograms, unavailable, userCache } from "./sources.ts";
import type { Say, SourceResult, Unavailable } from "./sources.ts";
import { cachedPrograms } from "./versions.ts";
import type { Machine } from "./versions.ts";

/** Puts the four programs into `directory`, or says why it could not. */
export type MakePrograms = (
  workspace: Workspace,
  directory: string,
) => Promise<Unavailable | undefined>;

/** Makes this version's cache entry with `make`, unless another run has made it meanwhile. */
export async function fillCache(
  machine: Machine,
  say: Say,
  make: MakePrograms,
): Promise<SourceResult> {
  const target = cachedPrograms(machine);
  const problem = await makeWritable(dirname(target));
  if (problem !== undefined) return problem;
  return withBuildLock(`${target}.lock`, say, async () => {
    const already = await userCache.find(machine, say);
    if (already.kind === "found") return already;
    const workspace = await openWorkspace(".making-", dirname(target));
    try {
      const directory = join(workspace.directory, "programs");
      await mkdir(directory);
      return (await make(workspace, directory)) ?? (await publish(directory, target));
    } finally {
      await workspace.close();
    }
  });
}

async function makeWritable(directory: string): Promise<Unavailable | undefined> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unavailable(`nowhere to keep the programs: ${reason}`);
  }
}

async function publish(directory: string, target: string): Promise<SourceResult> {
  const missing = await missingPrograms(directory);
  if (missing.length > 0) throw new Error(`${missing.join(", ")} missing after a complete build`);
  const isFilledMeanwhile = (await missingPrograms(target)).length === 0;
  if (isFilledMeanwhile) return found(target);
  await rm(target, { recursive: true, force: true });
  await rename(directory, target);
  return found(target);
}
