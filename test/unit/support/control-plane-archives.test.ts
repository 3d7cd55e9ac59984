// Downloads, from a host of our own on loopback: what is wrong is said in one line, and a cache is
// never filled with something that was not published.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { archivesFrom, checksumOf, goArchitecture } from "../../support/control-plane/archives.ts";
import { unavailable } from "../../support/control-plane/sources.ts";
import {
  binariesIn,
  cacheDirectory,
  cachedPrograms,
  ETCD_VERSION,
  KUBERNETES_VERSION,
} from "../../support/control-plane/versions.ts";
import type { Machine } from "../../support/control-plane/versions.ts";
import { openWorkspace, waitUntil } from "../../support/processes.ts";

async function emptyMachine(): Promise<Machine> {
  const workspace = await openWorkspace("poolwarden-test-");
  onTestFinished(() => workspace.close());
  return { env: {}, platform: "linux", arch: "x64", home: workspace.directory };
}

/** An archive laid out like etcd's own. */
async function packEtcd(folder: string): Promise<Buffer> {
  const name = `etcd-${ETCD_VERSION}-linux-amd64`;
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, "etcd"), "the real etcd", { mode: 0o755 });
  await promisify(execFile)("tar", ["-czf", "etcd.tar.gz", name], { cwd: folder });
  return readFile(join(folder, "etcd.tar.gz"));
}

const quiet = (): void => undefined;

describe("the official archives", () => {
  const sha256 = (content: string | Buffer): string =>
    createHash("sha256").update(content).digest("hex");

  async function serve(answers: Readonly<Record<string, string | Buffer>>): Promise<string> {
    const server = createServer((request, response) => {
      const answer = answers[request.url ?? ""];
      response.statusCode = answer === undefined ? 404 : 200;
      response.end(answer);
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await waitUntil("the server to listen", () => server.listening);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const KUBECTL = `/${KUBERNETES_VERSION}/bin/linux/amd64/kubectl`;

  test("do not exist for macOS", async () => {
    const machine = { ...(await emptyMachine()), platform: "darwin" as const };
    const reason = "have no servers for darwin on x64";
    const source = archivesFrom({ kubernetes: "http://none", etcd: "http://none" });
    expect(await source.find(machine, quiet)).toEqual(unavailable(reason));
  });

  test.each([
    {
      name: "a host that does not know the file",
      answers: {},
      want: "answered 404",
    },
    {
      name: "a file that is not the published one",
      answers: { [`${KUBECTL}.sha256`]: sha256("real"), [KUBECTL]: "fake" },
      want: `has SHA-256 ${sha256("fake")}, but ${sha256("real")} is published`,
    },
    {
      name: "a good file followed by a missing one",
      answers: { [`${KUBECTL}.sha256`]: sha256("real"), [KUBECTL]: "real" },
      want: "kube-controller-manager.sha256 cannot be fetched: answered 404",
    },
  ])("$name leaves the cache empty", async ({ answers, want }) => {
    const machine = await emptyMachine();
    const host = await serve(answers);
    const result = await archivesFrom({ kubernetes: host, etcd: host }).find(machine, quiet);
    expect(result.kind === "unavailable" && result.reason).toContain(want);
    expect(await readdir(cacheDirectory(machine))).toEqual([]);
  });

  test("complete and as published become this version's cache entry", async () => {
    const machine = await emptyMachine();
    const archive = await packEtcd(machine.home);
    const etcd = `/${ETCD_VERSION}/etcd-${ETCD_VERSION}-linux-amd64.tar.gz`;
    const answers: Record<string, string | Buffer> = {
      [etcd]: archive,
      [`/${ETCD_VERSION}/SHA256SUMS`]: `${sha256(archive)}  ${basename(etcd)}\n`,
    };
    for (const name of ["kubectl", "kube-apiserver", "kube-controller-manager"]) {
      const path = `/${KUBERNETES_VERSION}/bin/linux/amd64/${name}`;
      Object.assign(answers, { [path]: name, [`${path}.sha256`]: `${sha256(name)}\n` });
    }
    const host = await serve(answers);
    const result = await archivesFrom({ kubernetes: host, etcd: host }).find(machine, quiet);
    const binaries = binariesIn(cachedPrograms(machine));
    expect(result).toEqual({ kind: "found", binaries });
    expect(await readFile(binaries.etcd, "utf8")).toBe("the real etcd");
    expect(await readFile(binaries.kubectl, "utf8")).toBe("kubectl");
  });

  test("nobody there is said in one line", async () => {
    const machine = await emptyMachine();
    const host = "http://127.0.0.1:1";
    const result = await archivesFrom({ kubernetes: host, etcd: host }).find(machine, quiet);
    expect(result.kind === "unavailable" && result.reason).toMatch(/^http.* cannot be fetched: /);
  });

  test("a list of checksums is read by the file's whole name", () => {
    const list = "aa  other-etcd.tar.gz\nbb  etcd.tar.gz\n";
    expect(checksumOf("etcd.tar.gz", list)).toBe("bb");
    expect(checksumOf("none", list)).toBe("");
  });

  test("architectures go by Go's names", () => {
    expect(["x64", "arm64", "ia32"].map(goArchitecture)).toEqual(["amd64", "arm64", undefined]);
  });
});
