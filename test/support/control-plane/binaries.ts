// Finds the control plane's programs, in the order of what costs the person least: their own, those
// of an earlier run, the official archives, and last a build of some minutes. It says which one it
// takes, and when there is none it says what to do in one message.
import { buildFromGoModules } from "./build.ts";
import { officialArchives } from "./archives.ts";
import { kubebuilderAssets, userCache } from "./sources.ts";
import type { Say, Source } from "./sources.ts";
import { KUBERNETES_VERSION, thisMachine } from "./versions.ts";
import type { Binaries, Machine } from "./versions.ts";

const SOURCES: readonly Source[] = [
  kubebuilderAssets,
  userCache,
  officialArchives,
  buildFromGoModules,
];

/** No source had the programs. The message is complete: print it without a stack. */
export class ControlPlaneUnavailable extends Error {
  override readonly name = "ControlPlaneUnavailable";
}

export type FindOptions = {
  readonly machine?: Machine;
  readonly say?: Say;
  readonly sources?: readonly Source[];
};

/** Finds all four programs, or throws ControlPlaneUnavailable. May take minutes the first time. */
export async function findBinaries(options: FindOptions = {}): Promise<Binaries> {
  const { machine = thisMachine(), say = sayOnStderr, sources = SOURCES } = options;
  const reasons: string[] = [];
  for (const source of sources) {
    const result = await source.find(machine, say);
    if (result.kind === "found") {
      say(`control plane: using ${KUBERNETES_VERSION} from ${source.name}`);
      return result.binaries;
    }
    if (isWorthSaying(source, machine)) say(`control plane: ${source.name}: ${result.reason}`);
    reasons.push(`  ${source.name}: ${result.reason}`);
  }
  throw new ControlPlaneUnavailable(explain(reasons));
}

// That a cache is empty or a variable unset is the ordinary case, and no news.
function isWorthSaying(source: Source, { env }: Machine): boolean {
  if (source === userCache) return false;
  return source !== kubebuilderAssets || (env["KUBEBUILDER_ASSETS"] ?? "") !== "";
}

function explain(reasons: readonly string[]): string {
  return [
    `control plane: Kubernetes ${KUBERNETES_VERSION} was not found, and could not be made:`,
    ...reasons,
    "Any one of these helps:",
    "  - set KUBEBUILDER_ASSETS to a folder with kube-apiserver, kube-controller-manager, kubectl and etcd;",
    "  - install Go 1.26 or newer (https://go.dev/dl), and run the command again with a connection;",
    "  - connect to the internet once: what is downloaded is kept for later runs.",
  ].join("\n");
}

export function sayOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
