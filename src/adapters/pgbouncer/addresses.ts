// To which addresses a pooler's name leads. A headless Service names all of its pods, and Node
// would take the first that answers.

import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import { NoAnswer } from "../database/failures.ts";
import type { Limits } from "../database/line.ts";
import type { SessionSettings } from "../database/reader.ts";

export type PodAddress = LookupAddress;

/** Of more pods than these not all would be read. */
export const podsMax = 31;

/** The name leads to more addresses than are read. */
export class TooManyPods extends Error {
  constructor() {
    super(`its name leads to more than ${podsMax} addresses`);
  }
}

type Naming = Pick<SessionSettings<ConnectionUri>, "uri" | "lookupFor">;

/** Every address, each once, in an order that does not depend on the resolver's. */
export async function addressesOf(
  { uri: { host }, lookupFor }: Naming,
  { timeoutMs, signal }: Limits,
): Promise<readonly PodAddress[]> {
  let isWanted = true;
  const lookup = lookupFor(() => isWanted);
  const found = await new Promise<readonly PodAddress[]>((resolve, reject) => {
    const giveUp = (): void => {
      reject(new NoAnswer(false, timeoutMs));
    };
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener("abort", giveUp, { once: true });
    lookup(host, { all: true }, (error, all, family) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      if (error) reject(error);
      else resolve(Array.isArray(all) ? all : [{ address: all, family: family ?? 4 }]);
    });
    if (signal.aborted) giveUp();
  }).finally(() => {
    isWanted = false;
  });
  const each = new Map(found.map((one) => [one.address, one]));
  if (each.size > podsMax) throw new TooManyPods();
  return [...each.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The same settings, with a name that means this address alone. */
export function onlyTo<T extends Naming>(settings: T, to: PodAddress): T {
  const lookup: LookupFunction = (_host, { all }, answer) => {
    if (all === true) answer(null, [to]);
    else answer(null, to.address, to.family);
  };
  return { ...settings, lookupFor: () => lookup };
}
