// The names of a preset under a prefix: how a further pool of it is called, and which library a
// variable is of that somebody names. Told by what stands behind the prefix.

import { environmentNameMax } from "./environment.ts";
import { isPrefix, variablePrefix } from "./prefixes.ts";
import { namesOfPreset, type Preset, type PresetName, presets, springAliases } from "./presets.ts";
import { plainName } from "./relaxed-names.ts";

/** The property of the size under each prefix, with its dashes. */
const sizeProperties: Readonly<Partial<Record<PresetName, string>>> = {
  hikari: "maximum-pool-size",
  tomcat: "max-active",
  dbcp2: "max-total",
};

/** The preset, with its names under another prefix than the usual one where there is one. */
export function presetUnder(name: PresetName, prefix: string | undefined): Preset {
  const usual = presets[name];
  if (prefix === undefined || usual.prefix === undefined) return usual;
  const { length } = variablePrefix(usual.prefix);
  const under = (variable: string): string => variablePrefix(prefix) + variable.slice(length);
  const property = sizeProperties[name];
  return {
    ...{ ...usual, ...unlikeUsual(name, prefix), prefix },
    minSize: under(usual.minSize),
    maxSize: under(usual.maxSize),
    followsMaxSize: usual.followsMaxSize.map(under),
    maxSizeAliases: property === undefined ? [] : springAliases(prefix, property),
  };
}

/** Druid has the names of Tomcat JDBC, but does not start with a minimum above its maximum. */
function unlikeUsual(name: PresetName, prefix: string): Partial<Preset> {
  const isDruid = name === "tomcat" && /druid/i.test(prefix);
  return isDruid ? { refusesLargeMinimum: true, unmanagedPoolSize: 8 } : {};
}

/** What the names of all presets end with, behind any prefix. */
export const presetEndings: readonly string[] = [
  ...new Set(Object.values(presets).flatMap(endingsOf)),
];

function endingsOf(preset: Preset): readonly string[] {
  if (preset.prefix === undefined) return [];
  const { length } = variablePrefix(preset.prefix);
  return namesOfPreset(preset).map((name) => name.slice(length));
}

/** It may say a pool's size under a prefix, in any spelling: app.reports.max-active. */
export function isSizeUnderPrefix(name: string): boolean {
  if (name.length > environmentNameMax) return false;
  const plain = plainName(name);
  return sizeEndings.some((ending) => plain.endsWith(ending));
}

const sizeEndings = Object.values(presets).flatMap((preset) => {
  return preset.prefix === undefined ? [] : plainName(endingOf(preset));
});

/**
 * Which data source of Spring Boot a name sizes, in any spelling, whichever library pools it:
 * `springdatasourceorders`. Undefined of a name that is no such size.
 */
export function dataSourceOf(name: string): string | undefined {
  if (name.length > environmentNameMax) return undefined;
  const plain = plainName(name);
  const ending = boundSizes.find((one) => plain.endsWith(one));
  return ending && plain.slice(0, -ending.length);
}

/** The last one is HikariCP's alone, so it says enough without the library before it. */
const boundSizes = [
  "hikarimaximumpoolsize",
  "tomcatmaxactive",
  "dbcp2maxtotal",
  "maximumpoolsize",
] as const;

/** The preset, and the prefix if it is another one, by which a variable is the size of a pool. */
export function presetOfSize(
  maxSize: string,
): { readonly preset: PresetName; readonly prefix?: string | undefined } | undefined {
  const exact = presetNames.find((name) => presets[name].maxSize === maxSize);
  if (exact !== undefined) return { preset: exact };
  const found = boundEndings.find(({ ending }) => maxSize.endsWith(ending));
  if (found === undefined) return undefined;
  const prefix = maxSize.slice(0, -found.ending.length);
  return isPrefix(prefix) ? { preset: found.preset, prefix } : undefined;
}

const presetNames = Object.keys(presets) as PresetName[];
/** Of presets whose library binds a variable under any prefix. */
const boundEndings = presetNames.flatMap((preset) => {
  const { bindsProperties } = presets[preset];
  return bindsProperties ? [{ preset, ending: `_${endingOf(presets[preset])}` }] : [];
});

function endingOf({ prefix = "", maxSize }: Preset): string {
  return maxSize.slice(variablePrefix(prefix).length);
}
