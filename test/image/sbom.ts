// `make sbom`: the packages of package-lock.json that are in the bundle, as npm writes them in
// SPDX. The lock names more than is bundled, and whoever reads an SBOM for what may be vulnerable
// should not have to sort that out. Node and the C libraries are told by the image's own scanners.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBundle } from "../config/bundle.ts";
import { mustRun } from "./command.ts";

const root = join(import.meta.dirname, "..", "..");
const target = join(root, "out", "poolwarden.spdx.json");

type Package = { readonly SPDXID: string; readonly packageFileName: string };
type Relationship = { readonly spdxElementId: string; readonly relatedSpdxElement: string };

export type Document = {
  readonly packages: readonly Package[];
  readonly relationships: readonly Relationship[];
};

/**
 * The document without packages that are in none of these folders, and what refers to them. Throws
 * where it lacks one that is.
 */
export function onlyBundled<T extends Document>(document: T, folders: readonly string[]): T {
  const kept = document.packages.filter(
    // The empty name is the operator itself.
    ({ packageFileName }) => packageFileName === "" || folders.includes(packageFileName),
  );
  const named = new Set(kept.map(({ packageFileName }) => packageFileName));
  const missing = folders.filter((folder) => !named.has(folder));
  if (missing.length > 0) throw new Error(`the SBOM does not name ${missing.join(", ")}`);
  const ids = new Set([...kept.map(({ SPDXID }) => SPDXID), "SPDXRef-DOCUMENT"]);
  const relationships = document.relationships.filter(
    ({ spdxElementId, relatedSpdxElement }) =>
      ids.has(spdxElementId) && ids.has(relatedSpdxElement),
  );
  return { ...document, packages: kept, relationships };
}

async function bundledFolders(): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), "poolwarden-sbom-"));
  try {
    return (await writeBundle("src/main.ts", join(directory, "poolwarden.js"))).packages;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function main(): Promise<void> {
  // Without --omit=dev, which leaves out what the tests need as well, such as pg.
  const words = ["sbom", "--sbom-format=spdx", "--package-lock-only"];
  const text = await mustRun(["npm", "--prefix", root, ...words]);
  const document = onlyBundled(JSON.parse(text) as Document, await bundledFolders());
  await mkdir(join(root, "out"), { recursive: true });
  await writeFile(target, `${JSON.stringify(document, undefined, 2)}\n`);
  console.log(`out/poolwarden.spdx.json: ${document.packages.length} packages`);
}

if (import.meta.main) await main();
