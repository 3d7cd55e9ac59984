// A stand-in for the official Node image where no registry is in reach: Debian by debootstrap, the
// Node of this checkout and the npm of this machine, laid out as there. The Dockerfile is built
// upon it unchanged, so that each of its steps is run, though not with the bytes of the real base.
import { access, chmod, cp, mkdir, readFile, rename, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { mustRun } from "./command.ts";
import type { Engine } from "./engine.ts";

const root = join(import.meta.dirname, "..", "..");
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NAME = "localhost/poolwarden-base:local";
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Makes the base image; yields its name. Minutes the first time, seconds from then on. */
export async function makeLocalBase(engine: Engine, workspace: string): Promise<string> {
  const debian = await findDebian(workspace);
  const tree = join(workspace, "base");
  await mkdir(tree);
  await mustRun(["tar", "--extract", "--file", debian, "--directory", tree]);
  await addNode(tree);
  await addCertificates(tree);
  const buildah = (...words: readonly string[]): Promise<string> =>
    mustRun([...engine.words, ...words]);
  const container = (await buildah("from", "scratch")).trim();
  await buildah("add", "--quiet", container, tree, "/");
  const extra = process.env["NODE_EXTRA_CA_CERTS"] ? [`NODE_EXTRA_CA_CERTS=${CERTIFICATES}`] : [];
  const environment = [`PATH=${PATH}`, ...extra].flatMap((entry) => ["--env", entry]);
  await buildah("config", ...environment, container);
  await buildah("commit", "--quiet", "--rm", container, NAME);
  return NAME;
}

/** The archive of a small Debian, the one of this machine, in the user's cache. */
async function findDebian(workspace: string): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8");
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? "stable";
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "poolwarden");
  const archive = join(folder, `debian-${suite}-${process.arch}.tar`);
  const isThere = await access(archive).then(
    () => true,
    () => false,
  );
  if (isThere) return archive;
  console.log(`image-check: making a Debian ${suite}, once on this machine: some minutes`);
  const tree = join(workspace, "debian");
  const included = "--include=libatomic1,libstdc++6,ca-certificates";
  await mustRun(["debootstrap", "--variant=minbase", included, suite, tree]);
  await mkdir(folder, { recursive: true });
  await mustRun(["tar", "--create", "--file", `${archive}.part`, "--directory", tree, "."]);
  await rename(`${archive}.part`, archive);
  return archive;
}

/** As the official image has them: both below /usr/local. */
async function addNode(tree: string): Promise<void> {
  const local = join(tree, "usr", "local");
  // Where npm says that global packages are depends on the Node that runs it: ours, not its own.
  const found = await mustRun(["sh", "-c", 'readlink -f "$(command -v npm)"']);
  const npm = dirname(dirname(found.trim()));
  await mkdir(join(local, "lib", "node_modules"), { recursive: true });
  await cp(join(root, "node_modules", "node", "bin", "node"), join(local, "bin", "node"));
  await chmod(join(local, "bin", "node"), 0o755);
  await cp(npm, join(local, "lib", "node_modules", "npm"), { recursive: true });
  await symlink("../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin", "npm"));
}

/** Networks with a proxy have an authority of their own, which npm has to know during the build. */
async function addCertificates(tree: string): Promise<void> {
  const extra = process.env["NODE_EXTRA_CA_CERTS"];
  if (extra) await cp(extra, join(tree, CERTIFICATES), { dereference: true });
}
