// Downloading is faster than building, where the official hosts are in reach. They publish the
// servers for Linux only; on macOS this source has nothing to offer. Every file is compared with
// its published SHA-256 before it is used.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Workspace } from "../processes.ts";
import { fillCache } from "./cache-entry.ts";
import { elapsed } from "./elapsed.ts";
import { unavailable } from "./sources.ts";
import type { Say, Source, Unavailable } from "./sources.ts";
import { ETCD_VERSION, KUBERNETES_VERSION } from "./versions.ts";

const FIRST_BYTE_WITHIN_MS = 5_000;
const WHOLE_FILE_WITHIN_MS = 600_000;
const KUBERNETES_PROGRAMS = ["kubectl", "kube-controller-manager", "kube-apiserver"];

/** Where the archives are; a test has its own. */
export type Hosts = { readonly kubernetes: string; readonly etcd: string };

const OFFICIAL: Hosts = {
  kubernetes: "https://dl.k8s.io/release",
  etcd: "https://github.com/etcd-io/etcd/releases/download",
};

export const officialArchives: Source = archivesFrom(OFFICIAL);

export function archivesFrom(hosts: Hosts): Source {
  return {
    name: "the official archives",
    find: async (machine, say) => {
      const architecture = goArchitecture(machine.arch);
      if (machine.platform !== "linux" || architecture === undefined) {
        return unavailable(`have no servers for ${machine.platform} on ${machine.arch}`);
      }
      return fillCache(machine, say, (workspace, directory) =>
        download({ hosts, architecture, workspace, directory, say }),
      );
    },
  };
}

export function goArchitecture(nodeArchitecture: string): string | undefined {
  return { x64: "amd64", arm64: "arm64" }[nodeArchitecture];
}

type Download = {
  hosts: Hosts;
  architecture: string;
  workspace: Workspace;
  directory: string;
  say: Say;
};

async function download(task: Download): Promise<Unavailable | undefined> {
  const started = performance.now();
  try {
    await downloadKubernetes(task);
    await downloadEtcd(task);
  } catch (error) {
    return unavailable(error instanceof Error ? error.message : String(error));
  }
  task.say(`control plane: downloaded in ${elapsed(performance.now() - started)}`);
  return undefined;
}

async function downloadKubernetes({
  hosts,
  architecture,
  directory,
  say,
}: Download): Promise<void> {
  for (const program of KUBERNETES_PROGRAMS) {
    const url = `${hosts.kubernetes}/${KUBERNETES_VERSION}/bin/linux/${architecture}/${program}`;
    const checksum = (await fetchText(`${url}.sha256`)).trim();
    say(`control plane: downloading ${program} ${KUBERNETES_VERSION} (four files, about 300 MB)`);
    const file = join(directory, program);
    await fetchFile(url, file, checksum);
    await chmod(file, 0o755);
  }
}

async function downloadEtcd({ hosts, architecture, workspace, ...task }: Download): Promise<void> {
  const folder = `etcd-${ETCD_VERSION}-linux-${architecture}`;
  const checksums = await fetchText(`${hosts.etcd}/${ETCD_VERSION}/SHA256SUMS`);
  const archive = join(workspace.directory, `${folder}.tar.gz`);
  task.say(`control plane: downloading etcd ${ETCD_VERSION}`);
  const url = `${hosts.etcd}/${ETCD_VERSION}/${basename(archive)}`;
  await fetchFile(url, archive, checksumOf(basename(archive), checksums));
  const tar = await workspace.spawn("tar", ["-xzf", archive, "-C", workspace.directory]);
  const { code } = await tar.exited;
  if (code !== 0) throw new Error(`tar could not unpack etcd: ${tar.output().trim()}`);
  await copyFile(join(workspace.directory, folder, "etcd"), join(task.directory, "etcd"));
}

/** Picks one file's checksum out of a SHA256SUMS file (`<hex>  <name>` lines). */
export function checksumOf(name: string, checksums: string): string {
  const line = checksums.split("\n").find((candidate) => candidate.endsWith(`  ${name}`));
  return line?.split(" ")[0] ?? "";
}

async function fetchText(url: string): Promise<string> {
  return (await fetchOk(url)).text();
}

async function fetchFile(url: string, file: string, checksum: string): Promise<void> {
  const { body } = await fetchOk(url);
  if (body === null) throw new Error(`${url} is empty`);
  await pipeline(Readable.fromWeb(body), createWriteStream(file));
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (actual !== checksum) {
    throw new Error(`${url} has SHA-256 ${actual}, but ${checksum || "nothing"} is published`);
  }
}

async function fetchOk(url: string): Promise<Response> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    giveUp.abort();
  }, FIRST_BYTE_WITHIN_MS);
  const signal = AbortSignal.any([giveUp.signal, AbortSignal.timeout(WHOLE_FILE_WITHIN_MS)]);
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return response;
  } catch (error) {
    throw new Error(`${url} cannot be fetched: ${causeOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "AbortError") return `no answer within ${FIRST_BYTE_WITHIN_MS / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
