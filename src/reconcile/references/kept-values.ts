// What was read of ConfigMaps and Secrets: of each only the keys that somebody looked up, of each
// namespace only so many, and what nobody has looked up for a while not at all. Names in a template
// cost nothing, so what is kept must not grow with how often somebody changes them.

import { kindAndName } from "../../api/keys.ts";
import { keysMax, type Source } from "./wanted-values.ts";

export interface Kept {
  readonly freshUntilMs: number;
  readonly usedAtMs: number;
  /** When the API server answered last, or did not. */
  readonly endedAtMs: number;
  /** Those that were asked for; what was looked up last comes last. */
  readonly asked: ReadonlySet<string>;
  /** Those for which the API server has answered once, whatever its answer. */
  readonly answered: ReadonlySet<string>;
  readonly data: Readonly<Record<string, string>>;
}

/** What nobody has looked up for so long is forgotten. */
const unusedMs = 60 * 60_000;
/** Of one namespace; more than one decision looks up (wanted-values.ts). */
export const keptMax = 1_000;
/**
 * What was looked up since then is in use. It gives no room to another one: where there are more
 * in use than are kept, each decision would fetch what the one before it has pushed out.
 */
const inUseMs = 60_000;

type Named = Pick<Source, "kind" | "namespace" | "name">;

export class KeptValues {
  /** By namespace, then by kind and name: what was used last comes last. */
  readonly #namespaces = new Map<string, Map<string, Kept>>();

  get({ kind, namespace, name }: Named): Kept | undefined {
    return this.#namespaces.get(namespace)?.get(kindAndName({ kind, name }));
  }

  /** False for one that has no room, which counts as absent until it has. */
  hasRoomFor({ kind, namespace, name }: Named, nowMs: number): boolean {
    const kept = this.#namespaces.get(namespace);
    if (!kept || kept.size < keptMax || kept.has(kindAndName({ kind, name }))) return true;
    const [oldest] = kept.values();
    return oldest === undefined || nowMs - oldest.usedAtMs > inUseMs;
  }

  /** Nothing is kept of one that has no room. */
  set(source: Named, value: Kept, nowMs: number): void {
    if (!this.hasRoomFor(source, nowMs)) return;
    const { kind, namespace, name } = source;
    const kept = this.#namespaces.get(namespace) ?? new Map<string, Kept>();
    const id = kindAndName({ kind, name });
    kept.delete(id);
    this.#namespaces.set(namespace, kept.set(id, value));
    const [oldest] = kept.keys();
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
  }

  /** Somebody looks it up now. */
  use(source: Source, nowMs: number): void {
    const value = this.get(source);
    if (!value) return;
    const asked = lastOf(
      value.asked,
      [...source.keys].filter((key) => value.asked.has(key)),
    );
    this.set(source, { ...value, asked, usedAtMs: nowMs }, nowMs);
  }

  forgetUnused(nowMs: number): void {
    for (const [namespace, kept] of this.#namespaces) {
      for (const [id, { usedAtMs }] of kept) {
        if (nowMs - usedAtMs <= unusedMs) break;
        kept.delete(id);
      }
      if (kept.size === 0) this.#namespaces.delete(namespace);
    }
  }
}

/** With those that are looked up now as the last. Of too many the first are left out. */
export function lastOf(before: Iterable<string>, now: Iterable<string>): ReadonlySet<string> {
  const keys = new Set(before);
  for (const key of now) {
    keys.delete(key);
    keys.add(key);
  }
  return keys.size <= keysMax ? keys : new Set([...keys].slice(-keysMax));
}
