// What `poolwarden plan -f` names, as texts: a file, a folder with everything below it, `-` for
// standard input. Whatever cannot be read becomes a sentence with its name and the way out, so that
// somebody who gave twenty files hears of all that are wrong at once.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

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
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of stdin) {
    bytes += part.length;
    if (bytes > bytesMax) return tooLarge(name);
    parts.push(part);
  }
  if (bytes === 0) {
    const problem = `${name} is empty: pipe manifests into it, such as helm template . | poolwarden plan -f -`;
    return { problem };
  }
  return inputOf(name, Buffer.concat(parts));
}

async function readPath(path: string): Promise<readonly (Input | Unreadable)[]> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return [await readOne(path, found.size)];
    return await readFolder(path);
  } catch (error) {
    return [{ problem: `${path}: ${sayFailure(error)}` }];
  }
}

async function readFolder(folder: string): Promise<readonly (Input | Unreadable)[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && manifestName.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (paths.length === 0) {
    return [{ problem: `${folder}: has no file that ends in .yaml, .yml or .json` }];
  }
  const inputs: (Input | Unreadable)[] = [];
  for (const path of paths) inputs.push(...(await readPath(path)));
  return inputs;
}

async function readOne(path: string, bytes: number): Promise<Input | Unreadable> {
  return bytes > bytesMax ? tooLarge(path) : inputOf(path, await readFile(path));
}

function inputOf(name: string, bytes: Uint8Array): Input | Unreadable {
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
