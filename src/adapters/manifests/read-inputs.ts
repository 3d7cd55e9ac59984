// What `poolwarden plan -f` names, as texts: a file, a folder with everything below it, `-` for
// standard input. Whatever cannot be read becomes a sentence with its name and the way out, so that
// somebody who gave twenty files hears of all that are wrong at once. A folder may be somebody
// else's branch, so what is in it leads nowhere else: links stay inside, and files are files.

import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

export interface Input {
  /** As it is called in messages. */
  readonly name: string;
  readonly text: string;
}

export interface Unreadable {
  /** Names the input, and what to do. */
  readonly problem: string;
}

export type ByteSource = AsyncIterable<Uint8Array>;

/** Of one input. The manifests of 10,000 objects have about 10 MB. */
const bytesMax = 256 * 1024 * 1024;
const manifestName = /\.(ya?ml|json)$/;

/** In the order given, files of a folder in the order of their names. Never throws. */
export async function readInputs(
  names: readonly string[],
  stdin: ByteSource,
): Promise<readonly (Input | Unreadable)[]> {
  const inputs: (Input | Unreadable)[] = [];
  // Named twice is read once: standard input has nothing the second time.
  for (const name of new Set(names)) {
    if (name === "-") inputs.push(await readStdin(stdin));
    else inputs.push(...(await readPath(name)));
  }
  return inputs;
}

async function readStdin(stdin: ByteSource): Promise<Input | Unreadable> {
  const name = "standard input";
  const bytes = await readBytes(stdin);
  if (bytes?.length === 0) {
    const problem = `${name} is empty: pipe manifests into it, such as helm template . | poolwarden plan -f -`;
    return { problem };
  }
  return inputOf(name, bytes);
}

/** Undefined where there are too many, whatever the size of the file is said to be. */
async function readBytes(source: ByteSource): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of source) {
    bytes += part.length;
    if (bytes > bytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function readPath(path: string): Promise<readonly (Input | Unreadable)[]> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? await readFolder(path) : [await readOne(path)];
  } catch (error) {
    return [{ problem: `${path}: ${sayFailure(error)}` }];
  }
}

async function readFolder(folder: string): Promise<readonly (Input | Unreadable)[]> {
  const paths = await manifestsBelow(folder);
  if (paths.length === 0) {
    return [{ problem: `${folder}: has no file that ends in .yaml, .yml or .json` }];
  }
  const root = await realpath(folder);
  const inputs: (Input | Unreadable)[] = [];
  const seen = new Set<string>();
  for (const path of paths.sort()) inputs.push(...(await readBelow(path, root, seen)));
  return inputs;
}

/** Node's own recursive listing follows links to folders, and some lead in a circle. */
async function manifestsBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) paths.push(...(await manifestsBelow(path)));
    else if (manifestName.test(entry.name)) paths.push(path);
  }
  return paths;
}

/** What several links lead to is read once; what leads to a folder is read there. */
async function readBelow(
  path: string,
  root: string,
  seen: Set<string>,
): Promise<readonly (Input | Unreadable)[]> {
  try {
    const real = await realpath(path);
    if (!`${real}${sep}`.startsWith(`${root}${sep}`)) return [{ problem: `${path}: ${leadsOut}` }];
    const found = await stat(real);
    if (found.isDirectory() || seen.has(real)) return [];
    seen.add(real);
    return found.isFile() ? [await readOne(path)] : [{ problem: `${path}: is no regular file` }];
  } catch (error) {
    return [{ problem: `${path}: ${sayFailure(error)}` }];
  }
}

const leadsOut = "is a link that leads out of the folder: name the file itself with -f";

async function readOne(path: string): Promise<Input | Unreadable> {
  return inputOf(path, await readBytes(createReadStream(path)));
}

function inputOf(name: string, bytes: Uint8Array | undefined): Input | Unreadable {
  if (bytes === undefined) return tooLarge(name);
  const text = textOf(bytes);
  if (text !== undefined) return { name, text };
  return { problem: `${name}: is not a text file: manifests are YAML or JSON in UTF-8` };
}

/** PowerShell redirects into UTF-16. */
const utf16Mark = { FFFE: "utf-16le", FEFF: "utf-16be" } as const;

/** Undefined where it is no text. A NUL is no character of any YAML. */
function textOf(bytes: Uint8Array): string | undefined {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString("hex").toUpperCase();
  const encoding = mark === "FFFE" || mark === "FEFF" ? utf16Mark[mark] : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function tooLarge(name: string): Unreadable {
  return { problem: `${name}: is larger than 256 MiB: give it in parts` };
}

const failures: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "may not be read by this user",
  ELOOP: "is a link that leads in a circle",
};

function sayFailure(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return failures[code] ?? `cannot be read (${code || String(error)})`;
}
