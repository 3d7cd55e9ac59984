// A count and what is counted, for sentences: messages are read by people, and `1 slots` makes them
// doubt the number.

/** `1 slot`, `2 slots`: for words whose plural ends in s. */
export function sayCount(count: number, singular: string): string {
  return `${count} ${count === 1 ? singular : `${singular}s`}`;
}
