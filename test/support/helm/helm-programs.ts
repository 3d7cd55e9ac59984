// Helm 4 and Helm 3 for the tests of the chart: from an earlier run, from the PATH, or built from
// the modules that go.mod in v3 and v4 pins. Where none of these is to be had, a reason: the
// tests that need it are skipped, and say so.
import { execFile } from "node:child_process";
import { access, constants, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { isNewEnough } from "../control-plane/build.ts";
import { withBuildLock } from "../control-plane/build-lock.ts";
import { elapsed } from "../control-plane/elapsed.ts";
import type { Say } from "../control-plane/sources.ts";
import { cacheDirectory, thisMachine } from "../control-plane/versions.ts";
import { openWorkspace } from "../processes.ts";

export type HelmMajor = 3 | 4;

/** What go.mod in the folder of each major pins; a test compares them. */
export const HELM_VERSIONS: Readonly<Record<HelmMajor, string>> = { 3: "v3.22.0", 4: "v4.3.1" };

export type HelmProgram =
  | { readonly kind: "found"; readonly path: string; readonly version: string }
  | { readonly kind: "unavailable"; readonly reason: string };

/** The Kubernetes of its libraries. */
const HELM_3_KUBERNETES = ["pkg/chartutil", "pkg/lint/rules"].flatMap((folder) => [
  `${folder}.k8sVersionMajor=1`,
  `${folder}.k8sVersionMinor=37`,
]);
const PROGRESS_EVERY_MS = 15_000;
const run = promisify(execFile);

/** May build for some minutes the first time on a machine; `say` tells about it. */
export async function findHelm(
  major: HelmMajor,
  say: Say = sayOnStderr,
  directory: string = usualDirectory(major),
): Promise<HelmProgram> {
  const path = join(directory, "helm");
  const version = HELM_VERSIONS[major];
  if (await isExecutable(path)) return { kind: "found", path, version };
  const installed = await installedHelm(major);
  if (installed) return installed;
  const problem = await goProblem();
  if (problem !== undefined) return { kind: "unavailable", reason: `Helm ${major}: ${problem}` };
  return withBuildLock(`${directory}.lock`, say, async () => {
    if (await isExecutable(path)) return { kind: "found", path, version };
    return build({ major, say, directory });
  });
}

function usualDirectory(major: HelmMajor): string {
  const machine = thisMachine();
  const name = `helm-${HELM_VERSIONS[major]}-${machine.platform}-${machine.arch}`;
  return join(cacheDirectory(machine), name);
}

async function installedHelm(major: HelmMajor): Promise<HelmProgram | undefined> {
  try {
    const { stdout } = await run("helm", ["version", "--template", "{{.Version}}"]);
    const version = stdout.trim();
    return version.startsWith(`v${major}.`) ? { kind: "found", path: "helm", version } : undefined;
  } catch {
    return undefined;
  }
}

async function goProblem(): Promise<string | undefined> {
  try {
    const { stdout } = await run("go", ["env", "GOVERSION"], { cwd: import.meta.dirname });
    return isNewEnough(stdout) ? undefined : `Go 1.26 or newer is needed, not ${stdout.trim()}`;
  } catch {
    return "neither it nor Go, to build it with, is installed";
  }
}

type Build = { readonly major: HelmMajor; readonly say: Say; readonly directory: string };

async function build({ major, say, directory }: Build): Promise<HelmProgram> {
  const version = HELM_VERSIONS[major];
  const announcement = `helm: building ${version} from Go modules, about 2 minutes the first time`;
  say(announcement);
  const started = performance.now();
  const time = (): string => elapsed(performance.now() - started);
  const progress = setInterval(() => {
    say(`${announcement} (elapsed ${time()})`);
  }, PROGRESS_EVERY_MS);
  await mkdir(dirname(directory), { recursive: true });
  const workspace = await openWorkspace(".making-", dirname(directory));
  try {
    const made = join(workspace.directory, "programs");
    const go = await workspace.spawn("go", goArguments(major, made), {
      cwd: join(import.meta.dirname, `v${major}`),
      env: { GOGC: "off", ...process.env, CGO_ENABLED: "0", GOTMPDIR: workspace.directory },
    });
    if ((await go.exited).code !== 0) {
      const said = go.output().trim().split("\n").slice(-3).join(" | ");
      return { kind: "unavailable", reason: `Helm ${version}: the build failed: ${said}` };
    }
    await rm(directory, { recursive: true, force: true });
    await rename(made, directory);
    say(`helm: built ${version} in ${time()}`);
    return { kind: "found", path: join(directory, "helm"), version };
  } finally {
    clearInterval(progress);
    await workspace.close();
  }
}

/**
 * Without the flags it would call itself a version in development; and Helm 3 would take a cluster
 * of which it knows nothing for Kubernetes 1.20.
 */
function goArguments(major: HelmMajor, directory: string): readonly string[] {
  const module = `helm.sh/helm/v${major}`;
  const words = [
    `internal/version.version=${HELM_VERSIONS[major]}`,
    ...(major === 3 ? HELM_3_KUBERNETES : []),
  ];
  const flags = ["-s -w", ...words.map((word) => `-X ${module}/${word}`)].join(" ");
  return ["build", "-trimpath", "-ldflags", flags, "-o", `${directory}/`, `${module}/cmd/helm`];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function sayOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
