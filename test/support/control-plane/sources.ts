// Where the four programs may come from, one small source each. A source that cannot help says why
// in one sentence; only binaries.ts decides what that means.
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { binariesIn, cachedPrograms, PROGRAMS } from "./versions.ts";
import type { Binaries, Machine, Program } from "./versions.ts";

export type Found = { readonly kind: "found"; readonly binaries: Binaries };
export type Unavailable = { readonly kind: "unavailable"; readonly reason: string };
export type SourceResult = Found | Unavailable;

/** Called with one line, meant for the person who waits. */
export type Say = (line: string) => void;

export type Source = {
  readonly name: string;
  find(machine: Machine, say: Say): Promise<SourceResult>;
};

/** A folder that the person has prepared. All four programs must be there: envtest's lacks one. */
export const kubebuilderAssets: Source = {
  name: "KUBEBUILDER_ASSETS",
  find: async ({ env }) => {
    const directory = env["KUBEBUILDER_ASSETS"];
    if (directory === undefined || directory === "") return unavailable("is not set");
    const missing = await missingPrograms(directory);
    if (missing.length === 0) return found(directory);
    return unavailable(`names ${directory}, where ${missing.join(", ")} is missing`);
  },
};

/** What an earlier run downloaded or built. */
export const userCache: Source = {
  name: "cache",
  find: async (machine) => {
    const directory = cachedPrograms(machine);
    const isComplete = (await missingPrograms(directory)).length === 0;
    return isComplete ? found(directory) : unavailable(`${directory} does not hold them yet`);
  },
};

export function found(directory: string): Found {
  return { kind: "found", binaries: binariesIn(directory) };
}

export function unavailable(reason: string): Unavailable {
  return { kind: "unavailable", reason };
}

export async function missingPrograms(directory: string): Promise<Program[]> {
  const isThere = await Promise.all(PROGRAMS.map((name) => isExecutable(join(directory, name))));
  return PROGRAMS.filter((_, position) => isThere[position] !== true);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
