// A mutant is one deliberate defect of the production code: a small piece of text in one file,
// replaced by another. The checkers are only worth something if each of them is noticed. A piece
// that is not found exactly once is an error and never skipped: a list that rots would look like a
// list of defects that are all caught.

export interface Mutant {
  /** What is forgotten or done wrong, in a few words. */
  readonly name: string;
  /** Below the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** The text with the defect. Throws if the piece is not there exactly once. */
export function mutate(text: string, { name, file, from, to }: Mutant): string {
  const pieces = text.split(from);
  if (pieces.length !== 2) {
    throw new Error(`${name}: found ${pieces.length - 1} times in ${file}, wanted once:\n${from}`);
  }
  return pieces.join(to);
}
