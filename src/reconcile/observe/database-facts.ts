// What is known of one server: its readings, who may be told of them, and what is behind it.

import type { DatabaseFacts, ServerKey } from "../../domain/facts/facts.ts";
import type { Now } from "../memory/fleet-addresses.ts";
import type { Readings } from "../memory/readings.ts";
import type { Logins } from "../resolve/logins.ts";
import { type Known, type Standing, tiersBehind } from "./tiers-behind.ts";

interface Sources extends Known {
  readonly readings: Pick<Readings, "wordOf" | "factsOf">;
  readonly logins: Pick<Logins, "sightsOf" | "mayBeTold">;
}

/** Whose pods connect to it. */
export function databaseFacts(
  sources: Sources,
  { server, standing, policies }: Standing & { readonly server: ServerKey },
  now: Now,
): DatabaseFacts {
  return {
    ...sources.readings.factsOf(server, now),
    sights: sources.logins.sightsOf(server, standing),
    ...tiersBehind(sources, server, { standing, policies }),
  };
}
