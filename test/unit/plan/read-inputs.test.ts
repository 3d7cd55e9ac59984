// What -f names: files, folders, standard input, and what cannot be read of them.

import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readInputs } from "../../../src/adapters/manifests/read-inputs.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "poolwarden-inputs-"));
  await mkdir(join(folder, "all", "below"), { recursive: true });
  await mkdir(join(folder, "empty"));
  await writeFile(join(folder, "all", "b.yml"), "b: 2\n");
  await writeFile(join(folder, "all", "below", "a.yaml"), "a: 1\n");
  await writeFile(join(folder, "all", "notes.txt"), "none\n");
  await writeFile(join(folder, "binary.yaml"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]));
  await writeFile(join(folder, "latin.yaml"), Buffer.from([0x61, 0x3a, 0x20, 0xe4]));
  await writeFile(join(folder, "powershell.yaml"), Buffer.from("\ufeffa: 1\n", "utf16le"));
  await symlink("circle.yaml", join(folder, "circle.yaml"));
  await mkdir(join(folder, "links", "..2026"), { recursive: true });
  await writeFile(join(folder, "links", "..2026", "a.yaml"), "a: 1\n");
  await symlink("..2026", join(folder, "links", "..data"));
  await symlink("..data/a.yaml", join(folder, "links", "a.yaml"));
  await symlink(".", join(folder, "links", "again.yaml"));
  await mkdir(join(folder, "out"));
  await symlink("../powershell.yaml", join(folder, "out", "secret.yaml"));
  await symlink("/dev/zero", join(folder, "out", "zero.yaml"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function* stdin(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

async function read(...names: string[]): Promise<string[]> {
  const inputs = await readInputs(
    names.map((name) => (name === "-" ? name : join(folder, name))),
    stdin("c: ", "3\n"),
  );
  return inputs.map((one) =>
    ("problem" in one ? one.problem : `${one.name}=${one.text}`).replaceAll(`${folder}/`, ""),
  );
}

test("a folder is read with all below it, in the order of names", async () => {
  expect(await read("all", "-")).toEqual([
    "all/b.yml=b: 2\n",
    "all/below/a.yaml=a: 1\n",
    "standard input=c: 3\n",
  ]);
});

test("what PowerShell wrote is read", async () => {
  expect(await read("powershell.yaml")).toEqual(["powershell.yaml=a: 1\n"]);
});

test.each([
  ["none.yaml", "none.yaml: no such file or folder"],
  ["empty", "empty: has no file that ends in .yaml, .yml or .json"],
  ["binary.yaml", "binary.yaml: is not a text file: manifests are YAML or JSON in UTF-8"],
  ["latin.yaml", "latin.yaml: is not a text file: manifests are YAML or JSON in UTF-8"],
  ["circle.yaml", "circle.yaml: is a link that leads in a circle"],
])("%s cannot be read, and why", async (name, want) => {
  expect(await read(name)).toEqual([want]);
});

test("in a folder, links within it are read once each, as a mounted ConfigMap has them", async () => {
  expect(await read("links")).toEqual(["links/..2026/a.yaml=a: 1\n"]);
});

test("in a folder, no link leads out of it, to a file as to a device", async () => {
  const problem = "is a link that leads out of the folder: name the file itself with -f";

  expect(await read("out")).toEqual([`out/secret.yaml: ${problem}`, `out/zero.yaml: ${problem}`]);
});

test("what has no end is given up, although its size is said to be 0", async () => {
  const [input] = await readInputs(["/dev/zero"], stdin());

  expect(input).toMatchObject({
    problem: expect.stringContaining("larger than 256 MiB") as string,
  });
});

test("an empty standard input says how to fill it", async () => {
  const [input] = await readInputs(["-"], stdin());
  expect(input).toEqual({
    problem:
      "standard input is empty: pipe manifests into it, such as helm template . | poolwarden plan -f -",
  });
});

test("standard input that is named twice is read once", async () => {
  expect(await read("-", "-")).toEqual(["standard input=c: 3\n"]);
});
