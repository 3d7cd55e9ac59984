// The variable of the policy, spelled differently in the template. Where it stands beside ours, the
// process may read the other one: pydantic takes the last entry, and ours comes first; Spring Boot
// takes MAXIMUMPOOLSIZE before MAXIMUM_POOL_SIZE; Quarkus takes the name with dots before all
// others. The presets of Spring Boot name the spelling that wins, so this is for others.

import { plainName } from "../../api/relaxed-names.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { OwnSize } from "../../domain/facts/facts.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { largestOf, saidSize } from "./said-size.ts";
import { referredName, type Resolve, valueOf } from "./variable-values.ts";

/** The largest of them; undefined where there is none, or where each takes ours over. */
export function sizeInOtherSpelling(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  if (sizing.bindsProperties) return undefined;
  const sizes = spelledOtherwise(container.env, sizing.maxSizeName).flatMap(({ name }) =>
    sizeOf(container, { name, sizing, resolve }),
  );
  return largestOf(sizes);
}

function spelledOtherwise(env: readonly EnvEntry[], maxSizeName: string): readonly EnvEntry[] {
  const found = byPlainName(env).get(plainName(maxSizeName)) ?? [];
  return found.filter(({ name, value = "" }) => {
    return name !== maxSizeName && referredName(value.trim()) !== maxSizeName;
  });
}

/** Worked out once: pods of one revision share their entries. */
const byPlainName = oncePer((env: readonly EnvEntry[]) =>
  Map.groupBy(env, ({ name }) => plainName(name)),
);

interface Spelled {
  readonly name: string;
  readonly sizing: Sizing;
  readonly resolve: Resolve;
}

function sizeOf(container: ObservedContainer, { name, sizing, resolve }: Spelled): OwnSize[] {
  const said = saidSize(valueOf(container, [name], resolve)?.text ?? "", sizing);
  const setElsewhere = `container ${container.name} sets ${name}, another spelling`;
  const { poolSize, unlimited } = said ?? { poolSize: sizing.unmanagedPoolSize };
  return [{ poolSize, source: "setting", setElsewhere, ...(unlimited && { unlimited }) }];
}
