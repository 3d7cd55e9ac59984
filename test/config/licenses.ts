// The licences of what is bundled, as one text beside the bundle: nearly all of them ask that their
// notice goes wherever the code goes, and a bundle loses the files in which it stood.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The text for these package folders, each below `root`; throws for one that says nothing. */
export async function gatherLicenses(root: string, packages: readonly string[]): Promise<string> {
  const notices = await Promise.all(packages.map((folder) => noticeOf(join(root, folder))));
  return `What is bundled into poolwarden.js, and under which terms.\n\n${notices.join("\n")}`;
}

async function noticeOf(folder: string): Promise<string> {
  const packageJson = await readFile(join(folder, "package.json"), "utf8");
  const { name, version, license } = JSON.parse(packageJson) as Readonly<Record<string, string>>;
  const texts = await textsIn(folder);
  if (texts.length === 0) throw new Error(`${folder} is bundled and says nothing of its licence`);
  const title = `${name} ${version} (${license})`;
  return [`${"=".repeat(title.length)}\n${title}`, ...texts, ""].join("\n\n");
}

/** Some packages have no file for it, and a chapter at the end of their readme. */
async function textsIn(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).sort();
  const read = async (file: string): Promise<string> =>
    (await readFile(join(folder, file), "utf8")).trim();
  const own = files.filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (own.length > 0) return await Promise.all(own.map(read));
  const readmes = await Promise.all(files.filter((file) => /^readme/i.test(file)).map(read));
  return readmes.flatMap((text) => /^#+ *licen[cs]e\b[^]*/im.exec(text)?.[0] ?? []);
}
