// Every finding is spoken of where somebody looks who has one before him: the page of
// troubleshooting. The reference says what each means, and not what to do.
import type { TextFile, Violation } from "./source-files.ts";

/** Reasons that the page does not name. */
export function untoldFindings({ path, text }: TextFile, reasons: readonly string[]): Violation[] {
  return reasons
    .filter((reason) => !text.includes(`\`${reason}\``))
    .map((reason) => ({
      path,
      line: 1,
      problem: `says nothing of the finding ${reason}`,
      mend: "say what to do about it, in `marks`",
    }));
}
