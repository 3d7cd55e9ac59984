// What a container sets that reads like the size of another pool than the one that is sized, in
// whatever spelling either of them stands: a variable, a -D property, an argument, a field of
// SPRING_APPLICATION_JSON. A pool that is written in two spellings is told of once.

import { dataSourceOf } from "../../api/preset-names.ts";
import { plainName } from "../../api/relaxed-names.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { EnvEntry, FoundSetting, ObservedContainer } from "../../observed.ts";
import { mayBeSize } from "./assumed-size.ts";
import { isCountedBeside } from "./beside-the-size.ts";
import { referredIn, setsSizeOf } from "./overriding-settings.ts";
import { stemOf } from "./pool-names.ts";
import { sayEntry } from "./say-entry.ts";
import { entryNamed } from "./variable-values.ts";

export interface SizeOfOther {
  readonly name: string;
  /** NAME=20, or name=20 in args. */
  readonly text: string;
  /** Spring Boot binds it under a prefix. */
  readonly isBound: boolean;
  /** It is another pool's also where nothing says the size of the own one. */
  readonly isAlone: boolean;
}

/** Variables first, each in the order of the template. Once per sizing and container. */
export const sizesOfOthers = oncePer((sizing: Sizing) =>
  oncePer((container: ObservedContainer) => found(container, sizing)),
);

function found(container: ObservedContainer, sizing: Sizing): readonly SizeOfOther[] {
  const { env, settings = [] } = container;
  const taken = namesTaken(container, sizing);
  const isAnother = ({ name }: Named): boolean =>
    !poolerNames.test(name) && !taken.has(name) && !isSamePool(name, sizing.maxSizeName);
  const isOpen = (one: EnvEntry): boolean =>
    mayBeSize(one, sizing) && !isCountedBeside(one, sizing);
  const variables = env.filter((one) => isOpen(one) && isAnother(one));
  const others = settings.filter((one) => isSetting(one, sizing) && isAnother(one));
  return firstOfEach([...variables.map(ofVariable), ...others.map(ofSetting)]);
}

type Named = Pick<EnvEntry, "name">;

function firstOfEach(all: readonly SizeOfOther[]): readonly SizeOfOther[] {
  const spellings = Map.groupBy(all, ({ name }) => plainName(name));
  return [...spellings.values()].flatMap(([first]) => first ?? []);
}

/** Bounds of PgBouncer, each of all that it opens; the first as Zalando's operator calls them. */
const poolerNames =
  /^connection_pooler_|(default_pool_size|max_(db|user)_connections|max_client_conn)$/i;

/** What the own pool refers to: DB_POOL_SIZE in $(DB_POOL_SIZE) is no other pool's. */
function namesTaken(container: ObservedContainer, sizing: Sizing): ReadonlySet<string> {
  const { maxSizeName, maxSizeAliases } = sizing;
  const own = (container.settings ?? []).filter((one) => setsSizeOf(one, sizing));
  const entry = entryNamed(container, [maxSizeName, ...maxSizeAliases]);
  return new Set([...own, ...(entry ? [entry] : [])].flatMap((one) => referredIn(one) ?? []));
}

/** Of a data source of Spring Boot whichever library pools it: a process uses one of them. */
function isSamePool(a: string, b: string): boolean {
  const [one, other] = [dataSourceOf(a), dataSourceOf(b)];
  if (one === undefined || other === undefined) return stemOf(a) === stemOf(b);
  return one === other;
}

function isSetting(setting: FoundSetting, sizing: Sizing): boolean {
  const { kind, name } = setting;
  if (kind === "url" || setsSizeOf(setting, sizing)) return false;
  // --max-connections may bound anything.
  if (dataSourceOf(name) === undefined && stemOf(name) === "") return false;
  return mayBeSize({ ...setting, name: name.replaceAll(/[.-]/g, "_") }, sizing);
}

function ofVariable(entry: EnvEntry): SizeOfOther {
  const { name } = entry;
  return { name, text: sayEntry(entry), isBound: dataSourceOf(name) !== undefined, isAlone: false };
}

function ofSetting(setting: FoundSetting): SizeOfOther {
  const { name, place } = setting;
  const isBound = dataSourceOf(name) !== undefined;
  return { name, text: `${sayEntry(setting)} in ${place}`, isBound, isAlone: isBound };
}
