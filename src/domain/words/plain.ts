// Texts that come from a cluster, a manifest or a command line may hold control characters, which
// would steer the terminal of whoever looks, or begin a line that a CI system takes for a command.

// Others have no width, or turn the direction of what follows, so that a name looks like another.

const controlCharacters = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Nearly every text: to see it takes a tenth of what the search takes. */
const isPrintable = /^[\x20-\x7e]*$/;

/** On one line, without characters that steer whatever shows it: each becomes a space. */
export function plain(text: string): string {
  return isPrintable.test(text) ? text : text.replaceAll(controlCharacters, " ");
}

/** `value` with every text in it changed, the names of fields as well. It holds no cycle. */
export function withTexts<T>(value: T, change: (text: string) => string): T {
  return changed(value, change) as T;
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return changedList(value, change);
  if (typeof value !== "object" || value === null) return value;
  return changedObject(value as Readonly<Record<string, unknown>>, change);
}

/** Whatever nothing changes in stays what it is: an answer on thousands of pools is not copied. */
function changedList(list: readonly unknown[], change: (text: string) => string): unknown {
  const after = list.map((one) => changed(one, change));
  return after.every((one, index) => one === list[index]) ? list : after;
}

function changedObject(
  object: Readonly<Record<string, unknown>>,
  change: (text: string) => string,
): unknown {
  const names = Object.keys(object);
  const after = names.map((name) => changed(object[name], change));
  const isSame = names.every((name, index) => {
    return change(name) === name && after[index] === object[name];
  });
  if (isSame) return object;
  return Object.fromEntries(names.map((name, index) => [change(name), after[index]]));
}
