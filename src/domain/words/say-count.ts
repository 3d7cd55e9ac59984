// A count and what is counted, for sentences: messages are read by people, and `1 slots` makes them
// doubt the number.

/** `1 slot`, `2 slots`: for words whose plural ends in s. */
export function sayCount(count: number, singular: string): string {
  return `${count} ${count === 1 ? singular : `${singular}s`}`;
}

/** `once`, `2 times` */
export function sayTimes(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** `argocd has`, `argocd and kubectl have` */
export function sayWriters(managers: readonly string[]): string {
  if (managers.length === 0) return "another writer has";
  return `${managers.join(" and ")} ${managers.length === 1 ? "has" : "have"}`;
}
