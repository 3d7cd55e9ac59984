// The image's promises that need no engine: the Node that is tested is the Node that is shipped, a
// file that nobody expects is noticed, and an SBOM names what is bundled and nothing else.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { findFaults } from "../image/inspect.ts";
import { onlyBundled } from "../image/sbom.ts";
import type { UnpackedImage } from "../image/unpacked.ts";

const GOOD: UnpackedImage = {
  directory: "/none",
  files: [
    { path: "/usr/local/bin/node", mode: 0o100755 },
    { path: "/lib/x86_64-linux-gnu/libstdc++.so.6", mode: 0o100644 },
    { path: "/lib/ld-linux-aarch64.so.1", mode: 0o100755 },
    { path: "/poolwarden/poolwarden.js", mode: 0o100644 },
  ],
  settings: {
    user: "65532:65532",
    environment: [],
    entrypoint: ["/usr/local/bin/node", "/poolwarden/poolwarden.js"],
    command: ["run"],
    labels: { "org.opencontainers.image.version": packageJson.version },
  },
};

test("the Dockerfile builds upon the Node that the tests run on", async () => {
  const dockerfile = await readFile(join(import.meta.dirname, "..", "..", "Dockerfile"), "utf8");

  const [, name, digest = ""] = /^ARG NODE_IMAGE=([^@\n]+)(@.*)?$/m.exec(dockerfile) ?? [];
  expect(name).toBe(`node:${packageJson.devDependencies.node}-slim`);
  expect(digest).toMatch(/^(@sha256:[0-9a-f]{64})?$/);
});

test("an image of what is expected has no fault", () => {
  expect(findFaults(GOOD)).toEqual([]);
});

test.each<{ name: string; image: UnpackedImage; wantFault: string }>([
  {
    name: "a shell",
    image: { ...GOOD, files: [...GOOD.files, { path: "/bin/sh", mode: 0o100755 }] },
    wantFault: "/bin/sh is in it",
  },
  {
    name: "a program that runs as its owner",
    image: { ...GOOD, files: [{ path: "/usr/local/bin/node", mode: 0o104755 }] },
    wantFault: "gives its owner's rights",
  },
  {
    name: "root as its user",
    image: { ...GOOD, settings: { ...GOOD.settings, user: "0:0" } },
    wantFault: 'its user is "0:0"',
  },
  {
    name: "a user whom a node cannot tell from root",
    image: { ...GOOD, settings: { ...GOOD.settings, user: "poolwarden" } },
    wantFault: 'its user is "poolwarden"',
  },
  {
    name: "the label of another version",
    image: { ...GOOD, settings: { ...GOOD.settings, labels: {} } },
    wantFault: "it is labelled nothing",
  },
])("an image with $name is told", ({ image, wantFault }) => {
  expect(findFaults(image).join()).toContain(wantFault);
});

test("an SBOM names the operator and what is bundled, and refers to nothing else", () => {
  const document = {
    packages: [
      { SPDXID: "us", packageFileName: "" },
      { SPDXID: "pg", packageFileName: "node_modules/pg" },
      { SPDXID: "jose", packageFileName: "node_modules/jose" },
    ],
    relationships: [
      { spdxElementId: "us", relatedSpdxElement: "pg" },
      { spdxElementId: "us", relatedSpdxElement: "jose" },
    ],
  };

  const { packages, relationships } = onlyBundled(document, ["node_modules/pg"]);

  expect(packages.map(({ SPDXID }) => SPDXID)).toEqual(["us", "pg"]);
  expect(relationships).toEqual([{ spdxElementId: "us", relatedSpdxElement: "pg" }]);
});

test("an SBOM that lacks what is bundled is not written", () => {
  expect(() => onlyBundled({ packages: [], relationships: [] }, ["node_modules/pg"])).toThrow(
    "does not name node_modules/pg",
  );
});
