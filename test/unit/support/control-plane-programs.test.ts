// Where the control plane's programs come from, with machines that do not exist: no download, no
// build and no real cache here.
import { chmod, mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ControlPlaneUnavailable, findBinaries } from "../../support/control-plane/binaries.ts";
import { withBuildLock } from "../../support/control-plane/build-lock.ts";
import { estimate, isNewEnough } from "../../support/control-plane/build.ts";
import { fillCache } from "../../support/control-plane/cache-entry.ts";
import { elapsed } from "../../support/control-plane/elapsed.ts";
import { kubebuilderAssets, unavailable, userCache } from "../../support/control-plane/sources.ts";
import type { Source } from "../../support/control-plane/sources.ts";
import {
  binariesIn,
  cacheDirectory,
  cachedPrograms,
  ETCD_VERSION,
  KUBERNETES_VERSION,
  PROGRAMS,
} from "../../support/control-plane/versions.ts";
import type { Machine } from "../../support/control-plane/versions.ts";
import { openWorkspace } from "../../support/processes.ts";

async function temporaryFolder(): Promise<string> {
  const workspace = await openWorkspace("poolwarden-test-");
  onTestFinished(() => workspace.close());
  return workspace.directory;
}

async function machineIn(home: string, env: NodeJS.ProcessEnv = {}): Promise<Machine> {
  await mkdir(home, { recursive: true });
  return { env, platform: "linux", arch: "x64", home };
}

async function writePrograms(
  directory: string,
  names: readonly string[] = PROGRAMS,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of names) await writeFile(join(directory, name), "", { mode: 0o755 });
}

const quiet = (): void => undefined;

test("go.mod pins the versions that the code names", async () => {
  const folder = join(import.meta.dirname, "..", "..", "support", "control-plane");
  const pins = await readFile(join(folder, "go.mod"), "utf8");
  const lines = pins.split("\n").map((line) => line.trim().replace(" // indirect", ""));
  expect(lines).toContain(`k8s.io/kubernetes ${KUBERNETES_VERSION}`);
  expect(lines).toContain(`go.etcd.io/etcd/server/v3 ${ETCD_VERSION}`);
});

describe("the cache is in the user's folder for such things", () => {
  const cases: { name: string; machine: Partial<Machine>; want: string }[] = [
    { name: "on Linux", machine: {}, want: "/home/ann/.cache/poolwarden" },
    {
      name: "on Linux with XDG_CACHE_HOME",
      machine: { env: { XDG_CACHE_HOME: "/var/c" } },
      want: "/var/c/poolwarden",
    },
    {
      name: "on Linux with a relative XDG_CACHE_HOME, which the standard says to ignore",
      machine: { env: { XDG_CACHE_HOME: "c" } },
      want: "/home/ann/.cache/poolwarden",
    },
    {
      name: "on macOS",
      machine: { platform: "darwin", env: { XDG_CACHE_HOME: "/var/c" } },
      want: "/home/ann/Library/Caches/poolwarden",
    },
  ];
  test.each(cases)("$name", ({ machine, want }) => {
    const ann: Machine = { env: {}, platform: "linux", arch: "x64", home: "/home/ann" };
    expect(cacheDirectory({ ...ann, ...machine })).toBe(want);
  });
});

describe("KUBEBUILDER_ASSETS", () => {
  test("is taken when it holds all four programs", async () => {
    const folder = await temporaryFolder();
    await writePrograms(folder);
    const machine = await machineIn(folder, { KUBEBUILDER_ASSETS: folder });
    const want = { kind: "found", binaries: binariesIn(folder) };
    expect(await kubebuilderAssets.find(machine, quiet)).toEqual(want);
  });

  test("is passed over, with the names of what is missing or cannot be run", async () => {
    const folder = await temporaryFolder();
    await writePrograms(folder, ["kube-apiserver", "kubectl", "etcd"]);
    await chmod(join(folder, "etcd"), 0o644);
    const machine = await machineIn(folder, { KUBEBUILDER_ASSETS: folder });
    const reason = `names ${folder}, where kube-controller-manager, etcd is missing`;
    expect(await kubebuilderAssets.find(machine, quiet)).toEqual(unavailable(reason));
  });
});

describe("the order of sources", () => {
  const hasIt = (name: string): Source => ({
    name,
    find: () => Promise.resolve({ kind: "found", binaries: binariesIn(`/${name}`) }),
  });
  const lacksIt = (name: string): Source => ({
    name,
    find: () => Promise.resolve(unavailable(`has no ${name}`)),
  });

  test("the first that has them wins, and is named", async () => {
    const lines: string[] = [];
    const sources = [lacksIt("one"), hasIt("two"), hasIt("three")];
    const say = (line: string): void => void lines.push(line);
    expect(await findBinaries({ sources, say })).toEqual(binariesIn("/two"));
    expect(lines).toEqual([
      "control plane: one: has no one",
      `control plane: using ${KUBERNETES_VERSION} from two`,
    ]);
  });

  test("an unset variable and an empty cache are no news", async () => {
    const lines: string[] = [];
    const machine = await machineIn(await temporaryFolder());
    const sources = [kubebuilderAssets, userCache, hasIt("build")];
    await findBinaries({ machine, sources, say: (line) => void lines.push(line) });
    expect(lines).toEqual([`control plane: using ${KUBERNETES_VERSION} from build`]);
  });

  test("none of them: one message with every reason and the ways out", async () => {
    const sources = [lacksIt("network"), lacksIt("Go")];
    const failure = await findBinaries({ sources, say: quiet }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ControlPlaneUnavailable);
    const { message } = failure as Error;
    for (const part of ["has no network", "has no Go", "KUBEBUILDER_ASSETS", "install Go"]) {
      expect(message).toContain(part);
    }
  });
});

describe("filling the cache", () => {
  test("leaves a complete entry and nothing else", async () => {
    const machine = await machineIn(await temporaryFolder());
    const result = await fillCache(machine, quiet, async (_, directory) => {
      await writePrograms(directory);
      return undefined;
    });
    expect(result).toEqual({ kind: "found", binaries: binariesIn(cachedPrograms(machine)) });
    expect(await userCache.find(machine, quiet)).toEqual(result);
    expect(await readdir(cacheDirectory(machine))).toHaveLength(1);
  });

  test("replaces an entry that is incomplete", async () => {
    const machine = await machineIn(await temporaryFolder());
    await writePrograms(cachedPrograms(machine), ["etcd"]);
    const result = await fillCache(machine, quiet, async (_, directory) => {
      await writePrograms(directory);
      return undefined;
    });
    expect(result.kind).toBe("found");
  });

  test("leaves nothing at all when it cannot be filled", async () => {
    const machine = await machineIn(await temporaryFolder());
    const make = async (): Promise<ReturnType<typeof unavailable>> =>
      Promise.resolve(unavailable("no network"));
    expect(await fillCache(machine, quiet, make)).toEqual(unavailable("no network"));
    expect(await readdir(cacheDirectory(machine))).toEqual([]);
  });

  test("says so when there is nowhere to keep them", async () => {
    const machine = await machineIn(await temporaryFolder());
    await writeFile(join(machine.home, ".cache"), "a file where the folder should be");
    const result = await fillCache(machine, quiet, () => Promise.resolve(undefined));
    expect(result.kind === "unavailable" && result.reason).toMatch(/^nowhere to keep .*ENOTDIR/);
  });

  test("two at once make it once, and the second says what it waits for", async () => {
    const machine = await machineIn(await temporaryFolder());
    const mayFinish = Promise.withResolvers<undefined>();
    const lines: string[] = [];
    let made = 0;
    const fill = (): ReturnType<typeof fillCache> =>
      fillCache(
        machine,
        (line) => {
          lines.push(line);
          mayFinish.resolve(undefined);
        },
        async (_, directory) => {
          made++;
          await mayFinish.promise;
          await writePrograms(directory);
          return undefined;
        },
      );
    const results = await Promise.all([fill(), fill()]);
    expect(results.map(({ kind }) => kind)).toEqual(["found", "found"]);
    expect(made).toBe(1);
    expect(lines).toEqual([
      `control plane: another build is running (process ${process.pid}); waiting for it`,
    ]);
  });
});

describe("a lock that its holder left behind", () => {
  test("does not count when the process is dead", async () => {
    const file = join(await temporaryFolder(), "lock");
    const workspace = await openWorkspace("poolwarden-test-");
    const dead = await workspace.spawn("/bin/sh", ["-c", "exit 0"]);
    await dead.exited;
    await workspace.close();
    await writeFile(file, String(dead.pid));
    expect(await withBuildLock(file, quiet, () => Promise.resolve("done"))).toBe("done");
  });

  test("does not count when nobody has touched it for a minute", async () => {
    const file = join(await temporaryFolder(), "lock");
    await writeFile(file, String(process.pid));
    const minuteAgo = new Date(Date.now() - 60_000);
    await utimes(file, minuteAgo, minuteAgo);
    expect(await withBuildLock(file, quiet, () => Promise.resolve("done"))).toBe("done");
  });

  test("is released when the work fails", async () => {
    const file = join(await temporaryFolder(), "lock");
    const failing = withBuildLock(file, quiet, () => Promise.reject(new Error("no disk")));
    await expect(failing).rejects.toThrow("no disk");
    expect(await readdir(dirname(file))).toEqual([]);
  });
});

describe("the Go that is needed", () => {
  test.each([
    { version: "go1.26.8", want: true },
    { version: "go1.27rc1", want: true },
    { version: "go2.0", want: true },
    { version: "go1.25.9", want: false },
    { version: "go1.3", want: false },
    { version: "devel", want: false },
  ])("$version: $want", ({ version, want }) => {
    expect(isNewEnough(version)).toBe(want);
  });
});

test.each([
  { durationMs: 400, want: "0 s" },
  { durationMs: 45_200, want: "45 s" },
  { durationMs: 60_000, want: "1 min 0 s" },
  { durationMs: 90_000, want: "1 min 30 s" },
])("$durationMs ms is $want to a person", ({ durationMs, want }) => {
  expect(elapsed(durationMs)).toBe(want);
});

test("how long a first build takes follows from the cores, and the README says the same", async () => {
  expect(estimate(1)).toContain("10 to 60 minutes on 1 core,");
  expect(estimate(8)).toContain("2 to 8 minutes on 8 cores,");
  expect(estimate(64)).toContain("1 to 2 minutes");
  const readme = await readFile(join(import.meta.dirname, "../../../README.md"), "utf8");
  const said = readme.replaceAll(/\s+/g, " ");
  expect(said.replace("two cores", "2 cores")).toContain(estimate(2));
});
