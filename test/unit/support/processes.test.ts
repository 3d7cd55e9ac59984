// The promise under test: however a parent ends, what it started ends and its directory goes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { findFreePort, openWorkspace, waitUntil } from "../../support/processes.ts";
import type { Workspace } from "../../support/processes.ts";

async function open(): Promise<Workspace> {
  const workspace = await openWorkspace("poolwarden-test-");
  onTestFinished(() => workspace.close());
  return workspace;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const PROCESSES = join(import.meta.dirname, "..", "..", "support", "processes.ts");
const SLEEPER = ["-c", "trap '' TERM; echo started; while :; do sleep 1; done"];

// A parent of its own, which says what it has started and then waits.
const PARENT = `
  import { openWorkspace } from ${JSON.stringify(PROCESSES)};
  const workspace = await openWorkspace("poolwarden-test-");
  const child = await workspace.spawn("/bin/sh", ${JSON.stringify(SLEEPER)});
  const gone = await workspace.spawn("/bin/sh", ["-c", "exit 0"]);
  await gone.exited;
  console.log(JSON.stringify({ directory: workspace.directory, pid: child.pid }));
  if (process.argv[1] === "exits") process.exit(0);
  setInterval(() => {}, 1000);
`;

async function startParent(
  ...args: string[]
): Promise<{ kill: (signal: NodeJS.Signals) => void; directory: string; pid: number }> {
  const parent = spawn(process.execPath, ["--input-type=module", "-e", PARENT, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout.setEncoding("utf8"), "data")) as [string];
  const started = JSON.parse(line) as { directory: string; pid: number };
  return { kill: (signal) => void parent.kill(signal), ...started };
}

describe("what a parent started is gone after it", () => {
  const ends: { name: string; signal?: NodeJS.Signals; args: string[] }[] = [
    { name: "is killed with SIGKILL", signal: "SIGKILL", args: [] },
    { name: "is interrupted with SIGINT", signal: "SIGINT", args: [] },
    { name: "is asked to end with SIGTERM", signal: "SIGTERM", args: [] },
    { name: "exits by itself", args: ["exits"] },
  ];
  test.each(ends)("$name", async ({ signal, args }) => {
    const { kill, directory, pid } = await startParent(...args);
    if (signal !== undefined) {
      expect(await isThere(directory)).toBe(true);
      expect(isAlive(pid)).toBe(true);
      kill(signal);
    }
    await waitUntil("the directory to be removed", async () => !(await isThere(directory)));
    // Where nothing adopts orphans, a dead one keeps its number: what counts is that it is killed.
    await waitUntil("the child to be dead", async () => !isAlive(pid) || (await isZombie(pid)));
  });
});

async function isZombie(pid: number): Promise<boolean> {
  const workspace = await openWorkspace("poolwarden-test-");
  const ps = await workspace.spawn("ps", ["-o", "stat=", "-p", String(pid)]);
  await ps.exited;
  await workspace.close();
  return ps.output().startsWith("Z");
}

describe("a workspace", () => {
  test("kills what runs and removes its directory when it is closed", async () => {
    const workspace = await open();
    await writeFile(join(workspace.directory, "file"), "content");
    const child = await workspace.spawn("/bin/sh", SLEEPER);
    await waitUntil("the child to run", () => child.output().includes("started"));
    await workspace.close();
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(await isThere(workspace.directory)).toBe(false);
  });

  test("starts nothing more once it is closed", async () => {
    const workspace = await open();
    await workspace.close();
    await expect(workspace.spawn("/bin/sh", [])).rejects.toThrow("the workspace is closed");
  });

  test("keeps its siblings when it is closed", async () => {
    const outer = await open();
    const kept = await openWorkspace("kept-", outer.directory);
    const closed = await openWorkspace("closed-", outer.directory);
    await closed.close();
    expect(await readdir(outer.directory)).toEqual([kept.directory.split("/").at(-1)]);
    await kept.close();
  });

  test("takes a directory whose name a shell would split", async () => {
    const outer = await open();
    const spaced = await openWorkspace("a b $(c) ", outer.directory);
    await spaced.close();
    expect(await readdir(outer.directory)).toEqual([]);
  });
});

describe("a guarded process", () => {
  test("says how it ended and what it printed on both streams", async () => {
    const workspace = await open();
    let seen = "";
    const child = await workspace.spawn("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"], {
      onOutput: (text) => {
        seen += text;
      },
    });
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(child.hasExited()).toBe(true);
    await waitUntil("its output", () => child.output().length === "out\nerr\n".length);
    expect(seen.split("\n").sort()).toEqual(["", "err", "out"]);
  });

  test("is killed after its grace period, and so are its own children", async () => {
    const workspace = await open();
    const child = await workspace.spawn("/bin/sh", [
      "-c",
      "trap '' TERM; sleep 100 & echo $!; wait",
    ]);
    await waitUntil("the grandchild to run", () => child.output().includes("\n"));
    const grandchild = Number(child.output());
    expect(await child.stop("SIGTERM", 100)).toEqual({ code: null, signal: "SIGKILL" });
    await waitUntil("the grandchild to be dead", async () => {
      return !isAlive(grandchild) || (await isZombie(grandchild));
    });
  });

  test("can be stopped twice", async () => {
    const workspace = await open();
    const child = await workspace.spawn("/bin/sh", ["-c", "sleep 100"]);
    const exit = { code: null, signal: "SIGTERM" };
    expect(await child.stop()).toEqual(exit);
    expect(await child.stop()).toEqual(exit);
  });

  test("that does not exist is an error at once", async () => {
    const workspace = await open();
    await expect(workspace.spawn("/no/such/program", [])).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a free port", () => {
  test("is not one that is in use", async () => {
    const port = await findFreePort();
    const server = createServer().listen(port, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const draws = [port, port, port + 1].map((wanted) => (wanted - 12_000 + 0.5) / 18_000);
    expect(await findFreePort(() => draws.shift() ?? 0)).toBe(port + 1);
  });
});

test("waiting says what it waited for", async () => {
  await expect(waitUntil("rain", () => false, 10)).rejects.toThrow("waiting for rain");
});
