// What is asked of INFO, a section at a time: others grow by what any client does. `errorstats` has
// a line for each error that was ever answered, and a script may answer with any. Of the sections
// that are asked for, the one on replication has a line for each replica, so what comes is looked
// at line by line, and only what a reading needs is kept.

import { BrokenProtocol } from "../database/failures.ts";
import { TooOld } from "./failures.ts";
import { Lines } from "./lines.ts";

/** By each section, what is kept of it. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  server: ["redis_version", "valkey_version", "run_id", "server_time_usec", "uptime_in_seconds"],
  clients: ["connected_clients", "cluster_connections", "maxclients"],
  replication: ["role", "connected_slaves", "master_replid"],
  cluster: ["cluster_enabled"],
};

export const infoSections: readonly string[] = Object.keys(wanted);
const wantedNames = new Set(Object.values(wanted).flat());

/** Ten thousand replicas are 1 MiB. */
const sectionBytesMax = 4 * 1024 * 1024;

export type Info = ReadonlyMap<string, string>;

/** Takes one section after the other. */
export class InfoLines extends Lines {
  readonly #values = new Map<string, string>();

  get values(): Info {
    return this.#values;
  }

  maxBytes(): number {
    return sectionBytesMax;
  }

  /** `name:value`; the first of a name counts. */
  protected override takeLine(line: string): void {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    if (!wantedNames.has(name) || this.#values.has(name)) return;
    this.#values.set(name, line.slice(colon + 1).trimEnd());
  }
}

/** Throws BrokenProtocol for what is none of a server of Redis. */
export function checkInfo(info: Info): Info {
  if (!info.has("redis_version")) throw new BrokenProtocol("an answer to INFO without a version");
  if (!info.has("maxclients")) throw new TooOld(info.get("redis_version") ?? "");
  return info;
}
