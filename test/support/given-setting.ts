// What whoever calls a program tells it in a variable, such as FRAMES=1000. A word that cannot be
// used ends the program with one line that names the variable as it was typed: a number that is
// replaced in silence tests something else than what was asked for, or nothing.

export interface NumberLimits {
  /** Where nothing is given. */
  readonly usual: number;
  readonly least: number;
}

/** Undefined where it cannot be used. */
export function parseNumber(
  text: string | undefined,
  { usual, least }: NumberLimits,
): number | undefined {
  if (text === undefined || text === "") return usual;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= least ? value : undefined;
}

/** Ends the process with 2 where it cannot be used. */
export function givenNumber(
  name: string,
  limits: NumberLimits,
  text: string | undefined = process.env[name],
): number {
  const value = parseNumber(text, limits);
  return value ?? refuse(`${name}=${text ?? ""}: give a whole number, at least ${limits.least}`);
}

/** The same for a word of a closed set; undefined where nothing is given. */
export function givenWord<T extends string>(
  name: string,
  words: readonly T[],
  text: string | undefined = process.env[name],
): T | undefined {
  if (text === undefined || text === "") return undefined;
  const word = words.find((one) => one === text);
  return word ?? refuse(`${name}=${text}: give ${words.join(" or ")}, or leave it out`);
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
