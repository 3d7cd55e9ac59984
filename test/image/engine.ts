// Whatever builds container images on this machine. A client without its server is no engine: many
// machines have a docker that reaches nothing, so each is asked whether it answers.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun, runCommand } from "./command.ts";

export type EngineName = "docker" | "podman" | "buildah";

export type Engine = {
  readonly name: EngineName;
  /** The program, and flags that each of its commands needs. */
  readonly words: readonly string[];
};

const NAMES: readonly EngineName[] = ["docker", "podman", "buildah"];

/** The first of these that answers; undefined where none does. */
export async function findEngine(
  names: readonly EngineName[] = NAMES,
): Promise<Engine | undefined> {
  for (const name of names) {
    const { code } = await runCommand([name, "info"]);
    if (code === 0) return { name, words: [name] };
  }
  return undefined;
}

/** Bytes that a node downloads for the image: its layers, compressed. */
export async function compressedBytes(engine: Engine, image: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "poolwarden-size-"));
  try {
    if (engine.name === "buildah") {
      await mustRun([...engine.words, "push", "--quiet", image, `oci:${directory}`]);
      return await bytesOfLayers(directory);
    }
    // A file between the two: a pipe would hide that the first has failed.
    const archive = join(directory, "image.tar");
    await mustRun([...engine.words, "save", "--output", archive, image]);
    await mustRun(["gzip", archive]);
    return (await readFile(`${archive}.gz`)).length;
  } finally {
    await rm(directory, { recursive: true });
  }
}

type Descriptor = { readonly digest: string; readonly size: number };

async function bytesOfLayers(directory: string): Promise<number> {
  const readJson = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(directory, path), "utf8"));
  const index = (await readJson("index.json")) as { manifests: readonly Descriptor[] };
  const [, digest = ""] = index.manifests[0]?.digest.split(":") ?? [];
  const manifest = (await readJson(join("blobs", "sha256", digest))) as {
    layers: readonly Descriptor[];
  };
  return manifest.layers.reduce((sum, { size }) => sum + size, 0);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
