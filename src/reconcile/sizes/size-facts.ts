// What a template and its pods say of the pool that is sized, as the numbers that a decision
// takes: bounds, and connections beside the pool. With it what a person should know of these.

import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import { entriesFor, type Sizing } from "../../api/sizing.ts";
import type { Finding, OwnSize, PoolFacts } from "../../domain/facts/facts.ts";
import { oncePer, oncePerName } from "../../domain/once-per.ts";
import { unlimitedPodsOf } from "../../domain/demand/unlimited.ts";
import type { ObservedContainer, ObservedPod } from "../../observed.ts";
import {
  type BesideTheSize,
  besideFindings,
  besideTheSize,
  extraConnectionsOf,
  fittedSizing,
} from "./beside-the-size.ts";
import { entrySizing } from "./entry-sizing.ts";
import { mayHoldMore } from "./may-hold-more.ts";
import { notANumber } from "./not-a-number.ts";
import { onceAlone } from "./said-alone.ts";
import type { Resolve } from "./variable-values.ts";

interface Sources {
  readonly spec: PoolPolicySpec;
  readonly entry: WorkloadEntry;
  /** Of the template. */
  readonly containers: readonly ObservedContainer[];
  readonly container: ObservedContainer | undefined;
  readonly pods: readonly ObservedPod[];
  readonly resolve: Resolve;
}

interface SizeFacts extends Pick<PoolFacts, "connectionsBeside" | "leastPoolSize"> {
  readonly sizing: Sizing;
  readonly findings: readonly Finding[];
}

type Containers = readonly ObservedContainer[];

/** Of an entry, for whoever shares the containers; by the name of the one that is sized. */
const besideOf = oncePer((sizing: Sizing) =>
  oncePer((containers: Containers) =>
    oncePerName((name) =>
      onceAlone((resolve) => besideTheSize(containers, name, { sizing, resolve })),
    ),
  ),
);

function besideIn(containers: Containers, name: string, { sizing, resolve }: Asked): BesideTheSize {
  return besideOf(sizing)(containers)(name)(resolve);
}

interface Asked {
  readonly sizing: Sizing;
  readonly resolve: Resolve;
}

/** Of an entry, for whoever shares the container. */
const saidOf = oncePer((spec: PoolPolicySpec) =>
  oncePer((entry: WorkloadEntry) =>
    oncePer((container: ObservedContainer) => {
      const entries = entriesFor(spec, entry, 1);
      const sizing = entrySizing(spec, entry);
      return {
        noNumbers: onceAlone((resolve) => notANumber(container, entries, resolve)),
        more: onceAlone((resolve) => mayHoldMore({ spec, entry, container, sizing, resolve })),
      };
    }),
  ),
);

/** The sizing of the entry with what stands in the template. */
export function sizeFacts(sources: Sources): SizeFacts {
  const { spec, entry, container, containers, resolve } = sources;
  const sizing = entrySizing(spec, entry);
  if (!container) return { sizing, findings: [] };
  const { name } = container;
  const beside = besideIn(containers, name, { sizing, resolve });
  // A template that no longer says so has pods that still do.
  const extras = differentIn(sources).map((one) =>
    extraConnectionsOf(besideIn(one, name, { sizing, resolve }), sizing),
  );
  const extra = Math.max(extraConnectionsOf(beside, sizing), ...extras);
  const { noNumbers, more } = saidOf(spec)(entry)(container);
  const isBounded = entry.poolSize.max !== undefined;
  return {
    sizing: fittedSizing(sizing, beside, extra),
    findings: [
      ...noNumbers(resolve),
      ...besideFindings(beside, sizing, isBounded),
      ...more(resolve),
    ],
    ...(beside.minimum && { leastPoolSize: beside.minimum.number }),
    ...(extra > 0 && { connectionsBeside: extra }),
  };
}

/** Pods of one revision share their containers. */
function differentIn({ pods }: Sources): readonly (readonly ObservedContainer[])[] {
  return [...new Set(pods.filter(({ finished }) => !finished).map(({ containers }) => containers))];
}

/** Of what the template itself says, and of pods that have no limit. */
export function saidFindings(
  pool: Pick<PoolFacts, "template" | "pods" | "isCounted">,
  { maxSizeName }: Pick<Sizing, "maxSizeName">,
): Finding[] {
  return [
    ...overriddenFindings(pool.template, maxSizeName),
    ...unlimitedFindings(pool, maxSizeName),
  ];
}

function overriddenFindings(
  { setElsewhere, isOtherName, poolSize }: OwnSize,
  maxSizeName: string,
): readonly Finding[] {
  if (setElsewhere === undefined) return [];
  const [why, fix] = isOtherName
    ? [`but not ${maxSizeName}:`, "name it in spec.workloads[].env.maxSize"]
    : [`which wins over ${maxSizeName}:`, "remove it there"];
  const message =
    `${setElsewhere}, ${why} it is counted as ${poolSize}, and the workload ` +
    `is left as it is; ${fix}, or let it say $(${maxSizeName})`;
  return [{ reason: "SizeOverridden", severity: "blocking", message }];
}

function unlimitedFindings(
  { pods, isCounted }: Pick<PoolFacts, "pods" | "isCounted">,
  maxSizeName: string,
): readonly Finding[] {
  const count = unlimitedPodsOf(pods);
  const each = pods.find(({ own }) => own.unlimited)?.own.poolSize ?? 0;
  if (count === 0) return [];
  const message =
    `${count} of ${pods.length} pods have a pool without a limit by ${maxSizeName}: each is counted ` +
    `as ${each} and by the sessions that the server shows` +
    (isCounted === true ? "" : ", and they are replaced before others");
  return [{ reason: "Unlimited", severity: "degraded", message }];
}
