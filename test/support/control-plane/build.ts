// The way that works wherever Go and its module proxy are in reach: kube-apiserver,
// kube-controller-manager, kubectl and etcd built from the versions pinned in go.mod beside this
// file. Without the version flags the server would call itself v0.0.0-master.
import { execFile } from "node:child_process";
import { rename } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GuardedProcess, Workspace } from "../processes.ts";
import { fillCache } from "./cache-entry.ts";
import { elapsed } from "./elapsed.ts";
import { unavailable } from "./sources.ts";
import type { Say, Source, Unavailable } from "./sources.ts";
import { KUBERNETES_VERSION } from "./versions.ts";
import type { Machine } from "./versions.ts";

const MODULE_DIRECTORY = import.meta.dirname;
const PROGRESS_EVERY_MS = 15_000;
const PACKAGES = [
  "k8s.io/kubernetes/cmd/kube-apiserver",
  "k8s.io/kubernetes/cmd/kube-controller-manager",
  "k8s.io/kubernetes/cmd/kubectl",
  "go.etcd.io/etcd/server/v3",
];

export const buildFromGoModules: Source = {
  name: "a build from Go modules",
  find: async (machine, say) => {
    const problem = await goProblem(machine);
    if (problem !== undefined) return unavailable(problem);
    return fillCache(machine, say, (workspace, directory) =>
      build({ machine, say, workspace, directory }),
    );
  },
};

async function goProblem({ env }: Machine): Promise<string | undefined> {
  try {
    // In the module's folder Go itself compares its version with the one that go.mod asks for.
    const run = promisify(execFile);
    const { stdout } = await run("go", ["env", "GOVERSION"], { cwd: MODULE_DIRECTORY, env });
    return isNewEnough(stdout) ? undefined : `Go 1.26 or newer is needed, this is ${stdout.trim()}`;
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isAbsent ? "Go is not installed" : `go cannot be used: ${firstLine(error)}`;
  }
}

/** Takes what `go env GOVERSION` prints, for example `go1.26.8`. */
export function isNewEnough(goVersion: string): boolean {
  const [, major = "0", minor = "0"] = /go(\d+)\.(\d+)/.exec(goVersion) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 26);
}

/** From a quiet machine to a busy one, in minutes of one core. */
const BUILD_MINUTES = { least: 10, most: 60 };

/** Of a first build, whose packages and objects Go keeps in its caches. */
export function estimate(cores: number): string {
  const least = Math.ceil(BUILD_MINUTES.least / cores);
  const most = Math.max(least + 1, Math.ceil(BUILD_MINUTES.most / cores));
  const on = cores === 1 ? "1 core" : `${cores} cores`;
  return `the first time ${least} to ${most} minutes on ${on}, and 6 GB of disk`;
}

type Build = { machine: Machine; say: Say; workspace: Workspace; directory: string };

async function build(build: Build): Promise<Unavailable | undefined> {
  const { machine, say, workspace, directory } = build;
  const usual = estimate(availableParallelism());
  const announcement = `control plane: building ${KUBERNETES_VERSION} from Go modules (${usual})`;
  say(announcement);
  const started = performance.now();
  const progress = setInterval(() => {
    say(`${announcement}: ${elapsed(performance.now() - started)} so far`);
  }, PROGRESS_EVERY_MS);
  try {
    const go = await runGo(machine, workspace, directory);
    const { code } = await go.exited;
    if (code !== 0) return unavailable(`the build failed: ${lastLines(go.output())}`);
    await rename(join(directory, "server"), join(directory, "etcd"));
    say(`control plane: built in ${elapsed(performance.now() - started)}`);
    return undefined;
  } finally {
    clearInterval(progress);
  }
}

function runGo({ env }: Machine, workspace: Workspace, directory: string): Promise<GuardedProcess> {
  const [major = "", minor = ""] = KUBERNETES_VERSION.slice(1).split(".");
  const flags = [
    "-s -w",
    `-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
    `-X k8s.io/component-base/version.gitMajor=${major}`,
    `-X k8s.io/component-base/version.gitMinor=${minor}`,
  ].join(" ");
  const args = ["build", "-trimpath", "-ldflags", flags, "-o", `${directory}/`, ...PACKAGES];
  return workspace.spawn("go", args, {
    cwd: MODULE_DIRECTORY,
    // Without garbage collection the compiler is faster by a tenth and needs some 2 GB at most.
    env: { GOGC: "off", ...env, CGO_ENABLED: "0", GOTMPDIR: workspace.directory },
  });
}

function firstLine(error: unknown): string {
  const text = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  return text.trim().split("\n")[0] ?? "";
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-3).join(" | ");
}
