// An informer on a virtual clock over a scripted source, and what its handlers were told.

import { OperatorError } from "../../../src/errors.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { Informer } from "../../../src/runtime/informer.ts";
import type { InformerOptions } from "../../../src/runtime/informer.ts";
import { Problems } from "../../../src/runtime/problems.ts";
import { MemoryLog, MemoryMetrics } from "../../support/memory-log.ts";
import { constantRandom } from "../../support/prng.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { ScriptedSource } from "./scripted-source.ts";
import type { Page, Thing } from "./scripted-source.ts";

export const minuteMs = 60_000;

export interface InformerSetup {
  readonly clock: VirtualClock;
  readonly source: ScriptedSource;
  readonly log: MemoryLog;
  readonly metrics: MemoryMetrics;
  readonly problems: Problems;
  readonly informer: Informer<Thing>;
  /** `uid@resourceVersion` before and after, as `before>after`. */
  readonly changes: string[];
}

export function setUp(options: Partial<InformerOptions<Thing>> = {}): InformerSetup {
  const clock = new VirtualClock();
  const source = new ScriptedSource();
  const log = new MemoryLog();
  const metrics = new MemoryMetrics();
  const problems = new Problems(log);
  const informer = new Informer<Thing>({
    kind: "Thing",
    source,
    clock,
    random: constantRandom(0),
    log,
    metrics,
    problems,
    indexes: { letter: ({ key }) => [key.slice(0, 1)] },
    ...options,
  });
  const changes: string[] = [];
  informer.onChange((before, after) => {
    changes.push(`${nameOf(before)}>${nameOf(after)}`);
  });
  return { clock, source, log, metrics, problems, informer, changes };
}

function nameOf(thing: Thing | undefined): string {
  return thing === undefined ? "" : `${thing.uid}@${thing.resourceVersion}`;
}

export function keysOf(informer: Informer<Thing>): string[] {
  return [...informer.store.values()].map(({ key }) => key).sort();
}

export function failure(code: ErrorCode, afterMs?: number): OperatorError {
  return new OperatorError(code, code, afterMs === undefined ? {} : { retry: { afterMs } });
}

export function pages(version: number, ...things: readonly Thing[]): readonly Page[] {
  return [{ objects: things, resourceVersion: String(version) }];
}
