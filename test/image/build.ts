// The image from the Dockerfile, with whichever engine is at hand: `make image` builds, `make
// image-size` measures what was built against its bar.
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { mustRun, runCommand } from "./command.ts";
import { compressedBytes, findEngine, megabytes } from "./engine.ts";
import type { Engine } from "./engine.ts";

const root = join(import.meta.dirname, "..", "..");
/** What a node may have to download. */
export const BYTES_MAX = 120_000_000;

export type BuildOptions = {
  /** Name and tag. */
  readonly image: string;
  /** Instead of the base that the Dockerfile names. */
  readonly nodeImage?: string | undefined;
  /** An .npmrc for the build, of which nothing stays in the image. */
  readonly npmrcPath?: string | undefined;
  /** Such as linux/arm64. */
  readonly platform?: string | undefined;
  /** Where the sources are, as a label. */
  readonly source?: string | undefined;
  /** Default: this checkout. */
  readonly contextPath?: string | undefined;
};

/** Builds it; throws what the engine says where it fails. */
export async function buildImage(engine: Engine, options: BuildOptions): Promise<void> {
  const { image, nodeImage, npmrcPath, platform, source, contextPath = root } = options;
  const revision = await runCommand(["git", "-C", contextPath, "rev-parse", "HEAD"]);
  const buildArguments = {
    VERSION: packageJson.version,
    REVISION: revision.code === 0 ? revision.stdout.trim() : undefined,
    SOURCE: source,
    NODE_IMAGE: nodeImage,
  };
  const given = Object.entries(buildArguments).filter(([, value]) => value);
  await mustRun(
    [
      ...engine.words,
      "build",
      ...given.flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
      ...(npmrcPath ? ["--secret", `id=npmrc,src=${npmrcPath}`] : []),
      ...(platform ? ["--platform", platform] : []),
      ...["--tag", image, contextPath],
    ],
    { isShown: true },
  );
}

async function main(command: string | undefined): Promise<void> {
  const { IMAGE, NODE_IMAGE, NPMRC, PLATFORM, IMAGE_SOURCE } = process.env;
  const image = IMAGE ?? `poolwarden:${packageJson.version}`;
  const engine = await findEngine();
  if (engine === undefined)
    throw new Error(
      "no container engine answers: docker, podman and buildah were asked. " +
        "The Dockerfile needs nothing but one of them",
    );
  if (command === "build") {
    const given = {
      nodeImage: NODE_IMAGE,
      npmrcPath: NPMRC,
      platform: PLATFORM,
      source: IMAGE_SOURCE,
    };
    await buildImage(engine, { image, ...given });
  }
  const bytes = await compressedBytes(engine, image);
  console.log(`${image}: ${megabytes(bytes)} compressed, at most ${megabytes(BYTES_MAX)} allowed`);
  if (bytes > BYTES_MAX) process.exitCode = 1;
}

if (import.meta.main) {
  await main(process.argv[2]).catch((error: unknown) => {
    console.error(`image: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
