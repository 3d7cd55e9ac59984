// Seeds that nobody chose: besides the fixed ones, each commit is held against a range of its own,
// which follows from its hash. So every commit looks at fleets that no commit before it was mended
// for, and whoever sees one fail can repeat it.

import { execFileSync } from "node:child_process";

const seedsMax = 100;
/** Where there is no commit to go by: the first that the fixed range does not have. */
const fallbackFirst = 301;

export interface SeedRange {
  readonly first: number;
  readonly count: number;
  /** For a person: what runs, why, and how to run it again. */
  readonly note: string;
}

/** The commit that is checked out; undefined outside of a git checkout. */
export function currentCommit(folder: string): string | undefined {
  try {
    const found = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return found.trim();
  } catch {
    return undefined;
  }
}

export function seedsOf(commit: string | undefined): SeedRange {
  const first = commit === undefined ? fallbackFirst : firstSeedOf(commit);
  const whose = commit === undefined ? "no git checkout" : `commit ${commit}`;
  const note = `${whose}: make simulate SEEDS=${seedsMax} SEED=${first}`;
  return { first, count: seedsMax, note };
}

/** Beyond any that is written down somewhere: from 1,000,000 to 269,435,455. */
function firstSeedOf(commit: string): number {
  return 1_000_000 + Number.parseInt(commit.slice(0, 7), 16);
}
