// The committed copies are the golden files: a change of the schema shows in review as a change of
// the CRD, and nobody can forget to generate.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedFiles } from "../../src/tools/generated-files.ts";

const root = join(import.meta.dirname, "..", "..");

test.each(generatedFiles())("$path is what the source says", async ({ path, content }) => {
  expect(await readFile(join(root, path), "utf8")).toBe(content);
});
