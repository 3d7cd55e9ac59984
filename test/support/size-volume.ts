// The file of a live pool as a kubelet keeps it: `pool-size` links to `..data/pool-size`, and
// `..data` is a link that is replaced in one step. Whoever watches the file alone, or keeps it
// open, misses what comes.
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type SizeVolume = {
  /** What a follower is told to read. */
  readonly file: string;
  /** As the kubelet after the pod's annotation was changed. */
  write(text: string): Promise<void>;
};

export async function createSizeVolume(folder: string, text: string): Promise<SizeVolume> {
  const file = join(folder, "pool-size");
  let version = 0;
  const write = async (next: string): Promise<void> => {
    const last = version;
    version += 1;
    await mkdir(join(folder, `..${version}`));
    await writeFile(join(folder, `..${version}`, "pool-size"), next);
    await symlink(`..${version}`, join(folder, "..data_tmp"));
    await rename(join(folder, "..data_tmp"), join(folder, "..data"));
    await rm(join(folder, `..${last}`), { recursive: true, force: true });
  };
  await mkdir(folder);
  await write(text);
  await symlink(join("..data", "pool-size"), file);
  return { file, write };
}
