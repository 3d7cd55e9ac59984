// The pool size that a pod, or a template, says of itself: our annotation, else what its
// environment says (a literal, or a key of a ConfigMap or Secret), else unmanagedPoolSize; and
// what wins over the environment where it is set elsewhere. Where annotation and environment
// disagree the larger one counts: anybody can write an annotation, and it is the environment that
// the process reads.

import type { OwnSize } from "../domain/facts.ts";
import { poolSizeIn } from "../api/size-text.ts";
import type { Sizing } from "../api/sizing.ts";
import type { ObservedContainer } from "../observed.ts";
import { overridingSize } from "./overriding-settings.ts";
import { saidSize, withoutLimit } from "./said-size.ts";
import { entryNamed, type Resolve, type Said, sourcesMax, valueOf } from "./variable-values.ts";

interface Lookup {
  readonly annotation: string | undefined;
  readonly resolve: Resolve;
}

export function ownSizeOf(
  container: ObservedContainer | undefined,
  sizing: Sizing,
  { annotation, resolve }: Lookup,
): OwnSize {
  const annotated = annotation === undefined ? undefined : poolSizeIn(annotation);
  const said = container && effectiveSize(container, sizing, resolve);
  if (annotated !== undefined) {
    // We write the entry with the annotation: a pod that has only the annotation was not sized by
    // us.
    const poolSize = Math.max(annotated, said?.poolSize ?? sizing.unmanagedPoolSize);
    const { setElsewhere, unlimited } = said ?? {};
    return {
      ...{ poolSize, source: "annotation" },
      ...(setElsewhere !== undefined && { setElsewhere }),
      ...(unlimited && { unlimited }),
    };
  }
  return said ?? { poolSize: sizing.unmanagedPoolSize, source: "unmanaged" };
}

/** The largest of what several containers say: where it is not known which of them is the one. */
export function largestOwnSize(
  containers: readonly ObservedContainer[],
  sizing: Sizing,
  lookup: Lookup,
): OwnSize {
  const sizes = containers.map((container) => ownSizeOf(container, sizing, lookup));
  const [first = ownSizeOf(undefined, sizing, lookup), ...others] = sizes;
  return others.reduce((a, b) => (b.poolSize > a.poolSize ? b : a), first);
}

/** What a container says of its pool; undefined where it says nothing. */
export function effectiveSize(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  const override = overridingSize(container, sizing);
  const variable = withOverflow(variableSize(container, sizing, resolve), container, {
    sizing,
    resolve,
  });
  // Which of the two a client reads is not known where it reads its URL.
  if (override && variable && sizing.readsUrl && variable.poolSize > override.poolSize) {
    return { ...override, poolSize: variable.poolSize };
  }
  return override ?? variable;
}

function variableSize(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  const names = [sizing.maxSizeName, ...sizing.maxSizeAliases];
  const entry = entryNamed(container, names);
  if (!entry && container.isCut === true) return tooMany(container, sizing);
  if (entry?.otherSource === true) {
    return assumed(sizing, `${entry.name} comes from a field of the pod`);
  }
  const said = valueOf(container, names, resolve);
  if (said) return sizeOf(said, sizing);
  if (entry || container.envFrom.length <= sourcesMax) return undefined;
  return tooManySources(container, sizing);
}

/** What SQLAlchemy opens beyond its pool where nothing is said. */
const usualOverflow = 10;

function withOverflow(
  size: OwnSize | undefined,
  container: ObservedContainer,
  { sizing, resolve }: { readonly sizing: Sizing; readonly resolve: Resolve },
): OwnSize | undefined {
  if (sizing.overflowName === undefined || !size) return size;
  const said = valueOf(container, [sizing.overflowName], resolve);
  const overflow = said ? Number.parseInt(said.text, 10) : usualOverflow;
  if (overflow < 0) return { ...size, ...withoutLimit(sizing) };
  return { ...size, poolSize: size.poolSize + (Number.isNaN(overflow) ? usualOverflow : overflow) };
}

function tooManySources({ name }: ObservedContainer, { unmanagedPoolSize }: Sizing): OwnSize {
  const problem =
    `container ${name} has more than ${sourcesMax} entries in envFrom, of which the last ${sourcesMax} are read: ` +
    `${unmanagedPoolSize} is assumed; move the size to the end, or into env`;
  return { poolSize: unmanagedPoolSize, source: "unmanaged", problem };
}

function tooMany({ name }: ObservedContainer, { unmanagedPoolSize }: Sizing): OwnSize {
  const problem =
    `container ${name} has too many environment variables to look for its pool size in: ` +
    `${unmanagedPoolSize} is assumed; remove those that are not used`;
  return { poolSize: unmanagedPoolSize, source: "unmanaged", problem };
}

function assumed({ unmanagedPoolSize }: Sizing, what: string): OwnSize {
  const problem = `${what}: ${unmanagedPoolSize} is assumed`;
  return { poolSize: unmanagedPoolSize, source: "unmanaged", problem };
}

/** Where the value stands, and never the value: it may be a password under a wrong name. */
function sizeOf({ where, text, source }: Said, sizing: Sizing): OwnSize {
  const said = saidSize(text, sizing);
  if (!said) {
    const {
      poolSize,
      source: none,
      problem,
    } = assumed(sizing, `${where} is not a pool size (a whole number of at least 1)`);
    const fix = "; correct it, or set unmanagedPoolSize";
    return { poolSize, source: none, problem: `${problem ?? ""}${fix}` };
  }
  const { poolSize, unlimited, isRounded } = said;
  if (unlimited) return { poolSize, source, unlimited };
  if (!isRounded) return { poolSize, source };
  return { poolSize, source, problem: `${where} is not a whole number: ${poolSize} is assumed` };
}
