// Texts that come from a cluster, a manifest or a command line may hold control characters, which
// would steer the terminal of whoever looks, or begin a line that a CI system takes for a command.

// Others have no width, or turn the direction of what follows, so that a name looks like another.

const controlCharacters = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** On one line, without characters that steer whatever shows it: each becomes a space. */
export function plain(text: string): string {
  return text.replaceAll(controlCharacters, " ");
}

/** `value` with every text in it changed, the names of fields as well. It holds no cycle. */
export function withTexts<T>(value: T, change: (text: string) => string): T {
  return changed(value, change) as T;
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => changed(one, change));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [change(name), changed(one, change)]);
  return Object.fromEntries(entries);
}
