// What is read from a kubeconfig, in each form that one can have.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  checkKubeconfig,
  createCredentialSource,
} from "../../../../src/adapters/kubernetes/credentials.ts";
import type { Credentials } from "../../../../src/adapters/kubernetes/credentials.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "poolwarden-kubeconfig-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function writeKubeconfig(user: object, cluster: object = {}): Promise<string> {
  const path = join(directory, "kubeconfig");
  const config = {
    clusters: [{ name: "c", cluster: { server: "https://cluster.test:6443/", ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [
      { name: "main", context: { cluster: "c", user: "u" } },
      { name: "broken", context: { cluster: "none", user: "u" } },
    ],
    "current-context": "main",
  };
  // JSON is YAML.
  await writeFile(path, JSON.stringify(config));
  return path;
}

async function read(user: object, cluster?: object): Promise<Credentials> {
  return await createCredentialSource({ kubeconfig: await writeKubeconfig(user, cluster) }).read();
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("a token and a certificate authority", async () => {
  expect(await read({ token: "t" }, { "certificate-authority-data": base64("pem") })).toEqual({
    server: "https://cluster.test:6443",
    headers: { authorization: "Bearer t" },
    tls: { ca: "pem" },
  });
});

test("a client certificate, in the file or beside it", async () => {
  await writeFile(join(directory, "key.pem"), "the key");
  const user = { "client-certificate-data": base64("the cert"), "client-key": "key.pem" };
  expect((await read(user)).tls).toEqual({ cert: "the cert", key: "the key" });
});

test("a client certificate that was replaced on disk is read again", async () => {
  const key = join(directory, "key.pem");
  await writeFile(key, "first");
  const source = createCredentialSource({
    kubeconfig: await writeKubeconfig({ "client-certificate": key, "client-key": key }),
  });
  expect((await source.read()).tls.key).toBe("first");
  await writeFile(key, "second");
  expect((await source.read()).tls.key).toBe("second");
});

test("a plugin's token, cached until it is refused", async () => {
  const counter = join(directory, "count");
  const script = `n=$(($(cat "${counter}" 2>/dev/null || echo 0) + 1)); echo $n > "${counter}";
    echo "{\\"status\\": {\\"token\\": \\"token-$n\\"}}"`;
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "/bin/sh",
    args: ["-c", script],
  };
  const source = createCredentialSource({ kubeconfig: await writeKubeconfig({ exec }) });
  expect((await source.read()).headers["authorization"]).toBe("Bearer token-1");
  expect((await source.read()).headers["authorization"]).toBe("Bearer token-1");
  source.reset();
  expect((await source.read()).headers["authorization"]).toBe("Bearer token-2");
});

test("a plugin that fails is said in its own words, and may be tried again", async () => {
  const exec = { command: "/bin/sh", args: ["-c", "echo 'you must log in' >&2; exit 3"] };
  await expect(read({ exec })).rejects.toMatchObject({
    code: "K8S_UNAVAILABLE",
    message: "getting credentials: you must log in",
  });
});

test("a user name with a password, and impersonation", async () => {
  expect((await read({ username: "a", password: "b", as: "robot" })).headers).toEqual({
    authorization: `Basic ${base64("a:b")}`,
    "impersonate-user": "robot",
  });
});

const servers = [
  {
    name: "plain HTTP",
    cluster: { server: "http://127.0.0.1:8001" },
    want: { rejectUnauthorized: false },
  },
  {
    name: "no checks",
    cluster: { "insecure-skip-tls-verify": true },
    want: { rejectUnauthorized: false },
  },
  {
    name: "another name",
    cluster: { "tls-server-name": "kubernetes" },
    want: { servername: "kubernetes" },
  },
];

test.each(servers)("a server with $name", async ({ cluster, want }) => {
  expect((await read({ token: "t" }, cluster)).tls).toEqual(want);
});

test("a proxy is passed on", async () => {
  const { proxyUrl } = await read({ token: "t" }, { "proxy-url": "http://gateway.test:3128" });
  expect(proxyUrl).toBe("http://gateway.test:3128");
});

test("before the start the file that is named has to be there", async () => {
  const path = join(directory, "kubeconfig");
  await expect(checkKubeconfig({ kubeconfig: path })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(`--kubeconfig "${path}" cannot be read: ENOENT`) as string,
  });
  await checkKubeconfig({ kubeconfig: await writeKubeconfig({ token: "t" }) });
});

test.each([
  { name: "an empty file", text: "", want: "is empty" },
  { name: "a file that is no kubeconfig", text: "fruit: banana", want: noContext() },
  { name: "a list of words", text: "- a\n- b", want: noContext() },
  {
    name: "no current context",
    text: '{"contexts": [], "current-context": ""}',
    want: noContext(),
  },
])("$name is said as that, and ends the start", async ({ text, want }) => {
  const path = join(directory, "kubeconfig");
  await writeFile(path, text);
  const refusal = { code: "CONFIG_INVALID", message: `${path} ${want}` };
  await expect(checkKubeconfig({ kubeconfig: path })).rejects.toMatchObject(refusal);
  const source = createCredentialSource({ kubeconfig: path });
  await expect(source.read()).rejects.toMatchObject(refusal);
});

function noContext(): string {
  return "sets no current-context: kubectl config use-context NAME sets it";
}

test("without any kubeconfig and outside of a pod nothing starts", async () => {
  vi.stubEnv("KUBECONFIG", "");
  vi.stubEnv("HOME", directory);
  await expect(checkKubeconfig({})).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: "no kubeconfig found and not running in a pod: set KUBECONFIG or --kubeconfig",
  });
});

test("where none is named, the ways to one are", async () => {
  const path = join(directory, "kubeconfig");
  await writeFile(path, "");
  vi.stubEnv("KUBECONFIG", path);
  await expect(checkKubeconfig({})).rejects.toMatchObject({
    message: "the kubeconfig (KUBECONFIG, else ~/.kube/config) is empty",
  });
});

test("a KUBECONFIG that leads to no file is said once, with a way out that helps", async () => {
  const path = join(directory, "none");
  vi.stubEnv("KUBECONFIG", path);
  const reading = createCredentialSource({}).read();
  await expect(reading).rejects.toThrow(/^reading the kubeconfig \(KUBECONFIG, [^)]*\): ENOENT/);
  await expect(reading).rejects.toThrow(". Set KUBECONFIG to a file that exists, or give");
});

test("a kubeconfig that is not there says which", async () => {
  const source = createCredentialSource({ kubeconfig: join(directory, "none") });
  await expect(source.read()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(join(directory, "none")) as string,
  });
});

test.each([
  { name: "that does not exist", context: "typo" },
  { name: "whose cluster does not exist", context: "broken" },
])("a context $name is named", async ({ context }) => {
  const source = createCredentialSource({ kubeconfig: await writeKubeconfig({}), context });
  await expect(source.read()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `${join(directory, "kubeconfig")} has no usable context named "${context}": kubectl config get-contexts lists them`,
  });
});

test("a kubeconfig that is no YAML is refused", async () => {
  const path = join(directory, "bad");
  await writeFile(path, "a: b: c: [");
  await expect(createCredentialSource({ kubeconfig: path }).read()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});
