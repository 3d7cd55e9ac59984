// The one place that says which control plane the tests and the demo run on. The pins of go.mod in
// this folder must say the same (a test compares them).
import { homedir } from "node:os";
import { join } from "node:path";

export const KUBERNETES_VERSION = "v1.36.3";
export const ETCD_VERSION = "v3.6.8";

/** The four programs, by the names they have on disk. */
export const PROGRAMS = ["kube-apiserver", "kube-controller-manager", "kubectl", "etcd"] as const;
export type Program = (typeof PROGRAMS)[number];

/** Absolute path of each program. */
export type Binaries = Readonly<Record<Program, string>>;

/** What decides where programs are looked for; a test passes its own. */
export type Machine = {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly home: string;
};

export function thisMachine(): Machine {
  return { env: process.env, platform: process.platform, arch: process.arch, home: homedir() };
}

/** Outside the checkout, so that a fresh clone on the same machine does not build again. */
export function cacheDirectory({ env, platform, home }: Machine): string {
  const standard = platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
  const configured = platform === "darwin" ? undefined : env["XDG_CACHE_HOME"];
  const isUsable = configured !== undefined && configured.startsWith("/");
  return join(isUsable ? configured : standard, "poolwarden");
}

/** The folder of this version's programs; it exists only when it is complete. */
export function cachedPrograms(machine: Machine): string {
  const name = `control-plane-${KUBERNETES_VERSION}-${machine.platform}-${machine.arch}`;
  return join(cacheDirectory(machine), name);
}

export function binariesIn(directory: string): Binaries {
  return {
    "kube-apiserver": join(directory, "kube-apiserver"),
    "kube-controller-manager": join(directory, "kube-controller-manager"),
    kubectl: join(directory, "kubectl"),
    etcd: join(directory, "etcd"),
  };
}
