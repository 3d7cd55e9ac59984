// An image without an engine that could run it: its files in a folder, its settings beside them,
// and its program started in there as a node would start a pod. The kernel is the real one, and so
// are the user, the read-only root and the credentials; cgroups and the network are the machine's.
import { lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GuardedProcess, Workspace } from "../support/processes.ts";
import { mustRun } from "./command.ts";
import type { Engine } from "./engine.ts";

const AS_POD = join(import.meta.dirname, "as-pod.sh");

/** What a container runtime mounts over, and makes where an image lacks it; and /etc/hosts. */
const MOUNT_POINTS = ["proc", "dev", "var/run/secrets/kubernetes.io/serviceaccount"];

export type ImageSettings = {
  readonly user: string;
  readonly environment: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

export type ImageFile = { readonly path: string; readonly mode: number };

export type UnpackedImage = {
  readonly directory: string;
  readonly settings: ImageSettings;
  /** Everything in it that is not a folder. */
  readonly files: readonly ImageFile[];
};

/** Puts the image's files into `directory`, as buildah has them. */
export async function unpackImage(
  engine: Engine,
  image: string,
  directory: string,
): Promise<UnpackedImage> {
  const buildah = async (...words: readonly string[]): Promise<string> =>
    (await mustRun([...engine.words, ...words])).trim();
  const container = await buildah("from", image);
  const mounted = await buildah("mount", container);
  await mustRun(["cp", "--archive", mounted, directory]);
  const inspected = await buildah("inspect", "--type", "image", image);
  await buildah("rm", container);
  const files = await listFiles(directory);
  for (const point of MOUNT_POINTS) await mkdir(join(directory, point), { recursive: true });
  await writeFile(join(directory, "dev", "null"), "");
  await writeFile(join(directory, "etc", "hosts"), "127.0.0.1 localhost\n");
  return { directory, settings: readSettings(inspected), files };
}

type Inspected = {
  readonly OCIv1: {
    readonly config: {
      readonly User?: string;
      readonly Env?: readonly string[];
      readonly Entrypoint?: readonly string[];
      readonly Cmd?: readonly string[];
      readonly Labels?: Readonly<Record<string, string>>;
    };
  };
};

function readSettings(inspected: string): ImageSettings {
  const { config } = (JSON.parse(inspected) as Inspected).OCIv1;
  return {
    user: config.User ?? "",
    environment: config.Env ?? [],
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    labels: config.Labels ?? {},
  };
}

async function listFiles(directory: string): Promise<readonly ImageFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const others = entries.filter((entry) => !entry.isDirectory());
  return await Promise.all(
    others.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { path: path.slice(directory.length), mode: (await lstat(path)).mode };
    }),
  );
}

export type PodRun = {
  /** In the place of the image's own command. */
  readonly args: readonly string[];
  /** With token, ca.crt and namespace. */
  readonly accountFolder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onOutput?: (text: string) => void;
};

/** Starts it; the process is the program's own, not a shell's. */
export function startAsPod(
  workspace: Workspace,
  { directory, settings }: UnpackedImage,
  { args, accountFolder, environment = {}, onOutput }: PodRun,
): Promise<GuardedProcess> {
  const inherited = settings.environment.map((entry) => entry.split(/=(.*)/s).slice(0, 2));
  const words = ["--mount", "--propagation", "private", AS_POD, directory, accountFolder];
  return workspace.spawn("unshare", [...words, ...settings.entrypoint, ...args], {
    // The path is for the programs that set it up; the image's own comes last.
    env: {
      PATH: process.env["PATH"],
      ...(Object.fromEntries(inherited) as Record<string, string>),
      ...environment,
    },
    ...(onOutput && { onOutput }),
  });
}
