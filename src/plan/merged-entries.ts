// Environment entries of a container with others put over them, as an apply by name does it: what
// is there keeps its place, what is new comes last.

import type { EnvEntry } from "../observed.ts";

export function merged(env: readonly EnvEntry[], entries: readonly EnvEntry[]): EnvEntry[] {
  const wanted = new Map(entries.map((entry) => [entry.name, entry]));
  const there = new Set(env.map(({ name }) => name));
  const kept = env.map((entry) => wanted.get(entry.name) ?? entry);
  return [...kept, ...entries.filter(({ name }) => !there.has(name))];
}
