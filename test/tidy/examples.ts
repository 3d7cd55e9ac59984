// Every file under examples/ is used by a check: objects are applied by a test that takes whatever
// .yaml it finds there, programs are run by `make frameworks`, which knows their folders.
import { frameworks } from "../frameworks/frameworks.ts";
import type { TextFile, Violation } from "./source-files.ts";

/** Files of examples/ that no check uses. */
export function unusedExamples(files: readonly Pick<TextFile, "path">[]): Violation[] {
  const folders = frameworks.map(({ folder }) => `examples/apps/${folder}/`);
  const isUsed = (path: string): boolean =>
    path.startsWith("examples/apps/")
      ? folders.some((folder) => path.startsWith(folder))
      : path.endsWith(".yaml") || path === "examples/README.md";
  return files
    .filter(({ path }) => path.startsWith("examples/") && !isUsed(path))
    .map(({ path }) => ({
      path,
      line: 1,
      problem: "is an example that no check uses",
      mend: "make it .yaml, or name its folder in test/frameworks/frameworks.ts",
    }));
}
