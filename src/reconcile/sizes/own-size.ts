// The pool size that a pod, or a template, says of itself: our annotation, else what its
// environment says (a literal, or a key of a ConfigMap or Secret), else unmanagedPoolSize; and
// what wins over the environment where it is set elsewhere. Where annotation and environment
// disagree the larger one counts: anybody can write an annotation, and it is the environment that
// the process reads.

import type { OwnSize } from "../../domain/facts/facts.ts";
import { poolSizeAnnotation } from "../../api/group.ts";
import { numberIn } from "../../api/size-text.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { ObservedContainer } from "../../observed.ts";
import { sizeUnderOtherName } from "./other-name.ts";
import { sizeInOtherSpelling } from "./other-spelling.ts";
import { overridingSize } from "./overriding-settings.ts";
import { saidAlone } from "./said-alone.ts";
import { largestOf, poolSizeIn, saidSize, withoutLimit } from "./said-size.ts";
import { entryNamed, type Resolve, type Said, sourcesMax, valueOf } from "./variable-values.ts";

interface Lookup {
  readonly annotation: string | undefined;
  readonly resolve: Resolve;
}

export function ownSizeOf(
  container: ObservedContainer | undefined,
  sizing: Sizing,
  lookup: Lookup,
): OwnSize {
  return largestOwnSize(container ? [container] : [], sizing, lookup);
}

/** The largest of what several containers say: where it is not known which of them is the one. */
export function largestOwnSize(
  containers: readonly ObservedContainer[],
  sizing: Sizing,
  { annotation, resolve }: Lookup,
): OwnSize {
  const { standing, referring } = sayingWith(sizing)(containers);
  const own = largestOr(sizing, [
    ...standing,
    ...referring.map((container) => countedSize(container, sizing, resolve)),
  ]);
  const annotated = annotation === undefined ? undefined : poolSizeIn(annotation);
  if (annotated !== undefined) return annotatedSize(annotated, own);
  // A template has no annotation, and a pod that has lost it starts with a default of its own.
  if (own.source === "annotation")
    return assumed(sizing, `annotation ${poolSizeAnnotation} is missing`);
  return own;
}

/**
 * We write the entry with the annotation: a pod that has only the annotation was not sized by us.
 */
function annotatedSize(annotated: number, { poolSize, setElsewhere, unlimited }: OwnSize): OwnSize {
  return {
    ...{ poolSize: Math.max(annotated, poolSize), source: "annotation" },
    ...(setElsewhere !== undefined && { setElsewhere }),
    ...(unlimited && { unlimited }),
  };
}

/** What says nothing counts as unmanaged. */
function largestOr({ unmanagedPoolSize }: Sizing, said: readonly (OwnSize | undefined)[]): OwnSize {
  const unmanaged: OwnSize = { poolSize: unmanagedPoolSize, source: "unmanaged" };
  return largestOf(said.map((size) => size ?? unmanaged)) ?? unmanaged;
}

interface Saying {
  /** The largest of what stands in the containers themselves; none where nothing does. */
  readonly standing: readonly OwnSize[];
  /** Those that refer to something, of which each pod may have read something else. */
  readonly referring: readonly ObservedContainer[];
}

/** Worked out once for all pods of a template, which share its containers. */
const sayingWith = oncePer((sizing: Sizing) =>
  oncePer((containers: readonly ObservedContainer[]): Saying => {
    const [standing, referring]: [(OwnSize | undefined)[], ObservedContainer[]] = [[], []];
    let sources = 0;
    for (const container of containers) {
      const { refers, found } = saidAlone((resolve) => countedSize(container, sizing, resolve));
      if (refers) sources += Math.min(container.envFrom.length, sourcesMax);
      if (!refers) standing.push(found);
      else if (sources <= sourcesMax) referring.push(container);
      else standing.push(tooManySources("the containers together have", sizing));
    }
    return { standing: standing.length === 0 ? [] : [largestOr(sizing, standing)], referring };
  }),
);

/** Of a container that may hold the pool. */
function countedSize(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  return effectiveSize(container, sizing, resolve) ?? sizeUnderOtherName(container, sizing);
}

/** What a container says of its pool; undefined where it says nothing. */
export function effectiveSize(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  const overflow = overflowOf(container, sizing, resolve);
  const override = withOverflow(sizeElsewhere(container, sizing, resolve), overflow, sizing);
  const variable = withOverflow(
    variableSize(container, sizing, resolve) ?? sizeBeside(overflow, sizing),
    overflow,
    sizing,
  );
  if (!override || !variable) return override ?? variable;
  // Which of the two a client reads is not known where it reads its URL.
  const isLarger = sizing.readsUrl && variable.poolSize > override.poolSize;
  return isLarger ? { ...override, ...sizeAlone(variable) } : override;
}

/** What wins over the variable, or may. */
function sizeElsewhere(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  const elsewhere = overridingSize(container, sizing, resolve);
  const spelled = sizeInOtherSpelling(container, sizing, resolve);
  if (!elsewhere || !spelled) return elsewhere ?? spelled;
  return spelled.poolSize > elsewhere.poolSize ? spelled : elsewhere;
}

function sizeAlone({ poolSize, unlimited }: OwnSize): Pick<OwnSize, "poolSize" | "unlimited"> {
  return { poolSize, ...(unlimited && { unlimited }) };
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
  if (entry?.isOwnSize === true) return ofAnnotation;
  const said = valueOf(container, names, resolve);
  if (said) return sizeOf(said, sizing);
  if (entry || container.envFrom.length <= sourcesMax) return undefined;
  return tooManySources(`container ${container.name} has`, sizing);
}

/** Its variable is a reference to the pod's annotation, which is added where there is one. */
const ofAnnotation: OwnSize = { poolSize: 1, source: "annotation" };

/** What the pool may open beyond its size; below 0 without a limit. */
interface Overflow {
  readonly connections: number;
  /** Undefined where the container does not say it. */
  readonly said: Said | undefined;
}

/** Undefined where the policy names no variable of it. */
function overflowOf(
  container: ObservedContainer,
  { overflowName, usualOverflow }: Sizing,
  resolve: Resolve,
): Overflow | undefined {
  if (overflowName === undefined) return undefined;
  const said = valueOf(container, [overflowName], resolve);
  return { said, connections: Math.ceil(numberIn(said?.text ?? "") ?? usualOverflow) };
}

/** Of a container that sets the overflow alone: it goes beyond what the library opens anyway. */
function sizeBeside(
  overflow: Overflow | undefined,
  { unmanagedPoolSize }: Sizing,
): OwnSize | undefined {
  return overflow?.said && { poolSize: unmanagedPoolSize, source: "unmanaged" };
}

/** Size and overflow are one pool of two variables: it may open the sum. */
function withOverflow(
  size: OwnSize | undefined,
  overflow: Overflow | undefined,
  sizing: Sizing,
): OwnSize | undefined {
  if (!overflow || !size) return size;
  const { connections } = overflow;
  if (connections < 0) return { ...size, ...withoutLimit(sizing) };
  return { ...size, poolSize: size.poolSize + connections };
}

function tooManySources(who: string, { unmanagedPoolSize }: Sizing): OwnSize {
  const problem =
    `${who} more than ${sourcesMax} entries in envFrom, of which the last ${sourcesMax} are read: ` +
    `${unmanagedPoolSize} is assumed; move the size to the end, or into env`;
  return { poolSize: unmanagedPoolSize, source: "unmanaged", problem };
}

function tooMany({ name }: ObservedContainer, { unmanagedPoolSize }: Sizing): OwnSize {
  const problem =
    `container ${name} has too many variables and arguments to look for its pool size in: ` +
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
