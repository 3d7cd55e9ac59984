// What a container sets that reads like the size of another pool than the one that is sized, in
// whatever spelling either of them stands: a variable, a -D property, an argument, a field of
// SPRING_APPLICATION_JSON. A pool that is written in two spellings is told of once.

import { kindAndName } from "../../api/keys.ts";
import { dataSourceOf } from "../../api/preset-names.ts";
import { plainName } from "../../api/relaxed-names.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { EnvEntry, FoundSetting, ObservedContainer } from "../../observed.ts";
import { mayBeSize } from "./assumed-size.ts";
import { isCountedBeside } from "./beside-the-size.ts";
import { isOfPool } from "./overriding-settings.ts";
import { stemOf } from "./pool-names.ts";
import { entryNamed } from "./variable-values.ts";

export interface SizeOfOther {
  /** NAME=20, or name=20 in args. */
  readonly text: string;
  /** Spring Boot binds it under a prefix. */
  readonly isBound: boolean;
  /** It is another pool's also where nothing says the size of the own one. */
  readonly isAlone: boolean;
}

/** Variables first, each in the order of the template. Worked out once for both. */
export const sizesOfOthers = oncePer((sizing: Sizing) =>
  oncePer((container: ObservedContainer) => found(container, sizing)),
);

function found(container: ObservedContainer, sizing: Sizing): readonly SizeOfOther[] {
  const { env, settings = [] } = container;
  const taken = valuesTaken(container, sizing);
  const seen = new Set<string>();
  const isAnother = ({ name }: Named): boolean => {
    const plain = plainName(name);
    if (seen.has(plain) || poolerNames.test(name) || taken.some((text) => refersTo(text, name)))
      return false;
    seen.add(plain);
    return !isSamePool(name, sizing.maxSizeName);
  };
  const isOpen = (one: EnvEntry): boolean =>
    mayBeSize(one, sizing) && !isCountedBeside(one, sizing);
  const variables = env.filter((one) => isOpen(one) && isAnother(one));
  const others = settings.filter((one) => isSetting(one, sizing) && isAnother(one));
  return [...variables.map(ofVariable), ...others.map(ofSetting)];
}

type Named = Pick<EnvEntry, "name" | "value">;

/** Bounds of PgBouncer, each of all that it opens; the first as Zalando's operator calls them. */
const poolerNames =
  /^connection_pooler_|(default_pool_size|max_(db|user)_connections|max_client_conn)$/i;

/** What the own pool is set to: DB_POOL_SIZE in $(DB_POOL_SIZE) is no other pool's. */
function valuesTaken(container: ObservedContainer, sizing: Sizing): readonly string[] {
  const { maxSizeName, maxSizeAliases } = sizing;
  const own = (container.settings ?? []).filter((one) => isOfPool(one, sizing));
  const entry = entryNamed(container, [maxSizeName, ...maxSizeAliases]);
  return [...own, ...(entry ? [entry] : [])].flatMap(({ value }) => value ?? []);
}

function refersTo(text: string, name: string): boolean {
  return ["$(", "${", "$"].some((sign) => text.startsWith(sign + name));
}

/** Of a data source of Spring Boot whichever library pools it: a process uses one of them. */
function isSamePool(a: string, b: string): boolean {
  const [one, other] = [dataSourceOf(a), dataSourceOf(b)];
  if (one === undefined || other === undefined) return stemOf(a) === stemOf(b);
  return one === other;
}

function isSetting(setting: FoundSetting, sizing: Sizing): boolean {
  const { kind, name } = setting;
  if (kind === "url" || isOfPool(setting, sizing)) return false;
  // --max-connections may bound anything.
  if (dataSourceOf(name) === undefined && stemOf(name) === "") return false;
  return mayBeSize({ ...setting, name: name.replaceAll(/[.-]/g, "_") }, sizing);
}

function ofVariable({ name, value, from }: EnvEntry): SizeOfOther {
  const text = from ? `${name} (from ${kindAndName(from)})` : said(name, value);
  return { text, isBound: dataSourceOf(name) !== undefined, isAlone: false };
}

function ofSetting({ name, value, place }: FoundSetting): SizeOfOther {
  const isBound = dataSourceOf(name) !== undefined;
  return { text: `${said(name, value)} in ${place}`, isBound, isAlone: isBound };
}

/** A value that is neither a number nor a reference stays out of messages. */
function said(name: string, value = ""): string {
  const text = value.trim();
  return /^(-?[0-9]+$|\$[({])/.test(text) ? `${name}=${text}` : name;
}
