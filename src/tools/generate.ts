// Writes every file that is generated from the schemas, so that none of them is edited by hand or
// goes stale. With `--check` it writes nothing and exits 1, naming what differs and the command
// to run.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generatedFiles } from "./generated-files.ts";

const root = join(import.meta.dirname, "..", "..");

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

async function main(isCheck: boolean): Promise<number> {
  let stale = 0;
  for (const { path, content } of generatedFiles()) {
    if ((await read(path)) === content) continue;
    stale += 1;
    if (isCheck) {
      console.error(`${path} is not what the source says: run \`make generate\` and commit it`);
      continue;
    }
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    console.log(`wrote ${path}`);
  }
  return isCheck && stale > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.includes("--check"));
