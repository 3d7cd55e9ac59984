// What runs, as the API server says it now, for a question that is asked once: every object of some
// kinds, whole and in all namespaces, without a watch.

import type { ObservedObject } from "../../observed.ts";
import { createListWatch, type ListWatchOptions } from "./list-watch.ts";
import { identify, namespaceAndName } from "./identity.ts";

export interface LiveObject extends ObservedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** As it was sent. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export type LiveReading = Pick<ListWatchOptions<ObservedObject>, "client" | "clock" | "random">;

const limitMs = 60_000;

/** Throws what the API server's answers throw, OperatorError K8S_FORBIDDEN among them. */
export async function readLiveObjects(
  kinds: readonly string[],
  reading: LiveReading,
): Promise<readonly LiveObject[]> {
  const signal = AbortSignal.timeout(limitMs);
  const lists = await Promise.all(kinds.map((kind) => readKind(kind, reading, signal)));
  return lists.flat();
}

async function readKind(
  kind: string,
  reading: LiveReading,
  signal: AbortSignal,
): Promise<readonly LiveObject[]> {
  const project = (raw: unknown): LiveObject | undefined => {
    const identity = identify(raw);
    return identity && { ...identity, kind, ...namespaceAndName(raw), raw: { ...(raw as object) } };
  };
  const found: LiveObject[] = [];
  const source = createListWatch({ ...reading, kind, namespace: undefined, project });
  for await (const { objects } of source.list(signal)) found.push(...objects);
  return found;
}
