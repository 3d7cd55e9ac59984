// How long the pool of a template keeps a connection, where that matters: on servers that close
// idle connections. As the container says it, by a variable, an argument or a property; else what
// its library does. What stands in a file of the image is not seen.

import { engines, type Engine, type EngineName } from "../../api/engines.ts";
import { type Lifetime, lifetimeOf } from "../../api/lifetimes.ts";
import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import { isSameName, plainName } from "../../api/relaxed-names.ts";
import { numberIn } from "../../api/size-text.ts";
import { entriesFor } from "../../api/sizing.ts";
import type { PoolFacts } from "../../domain/facts/facts.ts";
import type { PoolLifetime } from "../../domain/facts/pool-facts.ts";
import type { ObservedContainer, PickedWorkload } from "../../observed.ts";
import type { Lookups } from "../references/references.ts";
import { isCounted } from "./counted.ts";
import { entryNamed, type Resolve, valueOf } from "./variable-values.ts";

interface Sources {
  readonly workload: Pick<PickedWorkload, "namespace">;
  readonly spec: PoolPolicySpec;
  readonly entry: WorkloadEntry;
  readonly engine: EngineName;
  readonly lookups: Lookups;
}

/** Nothing where we write it ourselves, or where nobody can tell. */
export function lifetimeFacts(
  { workload, spec, entry, engine, lookups }: Sources,
  container: ObservedContainer | undefined,
): Pick<PoolFacts, "lifetime"> {
  const { idleSetting }: Engine = engines[engine];
  const known = lifetimeOf(entry);
  if (idleSetting === undefined || !container || !known) return {};
  const isWritten = spec.mode === "Enforce" && !isCounted(entry);
  const written = isWritten ? entriesFor(spec, entry, 1) : [];
  if (written.some(({ name }) => name === known.variable)) return {};
  const lifetime = lifetimeIn(container, known, lookups.inTemplate(workload.namespace));
  return lifetime === undefined ? {} : { lifetime };
}

function lifetimeIn(
  container: ObservedContainer,
  { isEnding, usualMs, ...known }: Lifetime,
  resolve: Resolve,
): PoolLifetime | undefined {
  const variable = isEnding ? nameEndingWith(known.variable, container) : known.variable;
  const saidMs = saidIn(container, { ...known, variable }, resolve);
  const lifetimeMs = saidMs ?? usualMs;
  if (lifetimeMs === undefined || Number.isNaN(lifetimeMs)) return undefined;
  return { ...known, variable, lifetimeMs, isUsual: saidMs === undefined };
}

/** Undefined where the library takes it for nothing said; no number where it cannot be read. */
function saidIn(
  container: ObservedContainer,
  { variable, unitMs, leastMs = 0 }: Omit<Lifetime, "usualMs">,
  resolve: Resolve,
): number | undefined {
  const text = textOf(container, variable, resolve);
  if (text === undefined) return undefined;
  const ms = (numberIn(text) ?? Number.NaN) * unitMs;
  return ms > 0 && ms < leastMs ? undefined : Math.max(0, ms);
}

function nameEndingWith(ending: string, { env }: ObservedContainer): string {
  const isMeant = (name: string): boolean => plainName(name).endsWith(plainName(ending));
  return env.findLast(({ name }) => isMeant(name))?.name ?? ending;
}

/** As it wins; no number where it stands there and cannot be read; undefined: nothing says it. */
function textOf(
  container: ObservedContainer,
  variable: string,
  resolve: Resolve,
): string | undefined {
  const { settings = [], isCut } = container;
  const setting = settings.find(({ name }) => isSameName(name, variable));
  if (setting) return setting.value ?? "";
  const said = valueOf(container, [variable], resolve)?.text;
  const isUnread = entryNamed(container, [variable]) !== undefined || isCut === true;
  return said ?? (isUnread ? "" : undefined);
}
