// Reads the objects of which a watch has only told that they changed. A tenant may change an object
// of a megabyte as often as the API server lets him, and each reading keeps the only thread busy:
// so one at a time is read for each namespace, as it is by then however often it was changed, and
// the time it took is charged to that namespace.

import { namespaceOf } from "./api/keys.ts";
import { OperatorError } from "./errors.ts";
import type { Informers } from "./informers.ts";
import type { ObservedObject } from "./observed.ts";
import type { Clock, Log, Metrics, Random } from "./ports.ts";
import { Backoff } from "./runtime/backoff.ts";
import { chargedMs, SpentTime } from "./runtime/charge.ts";
import { Controller } from "./runtime/controller.ts";
import type { Informer } from "./runtime/informer.ts";
import type { Part } from "./runtime/lifecycle.ts";
import { after, done, type Result } from "./runtime/result.ts";
import { WorkQueue } from "./runtime/work-queue.ts";

export interface LateReadsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "count">;
}

/** Objects that are read at the same time: mostly they wait for an answer. */
const workers = 4;
/** An object that was just too large to be parsed at once takes longer. */
const unchargedMs = 1;
/** What the API server refuses for good is asked for again all the same: nothing is lost. */
const refusedPauseMs = 60_000;

type AnyInformer = Informer<ObservedObject>;

/** To be started before the informers are. */
export function lateReadsPart(parts: LateReadsParts, informers: Informers): Part {
  const spent = new SpentTime();
  const queue = new WorkQueue(parts.clock, {
    groupsOf: (key) => [namespaceOf(objectKeyOf(key))],
    runningMax: 1,
    chargedMs: (key) => chargedMs(spent.take(namespaceOf(objectKeyOf(key))), unchargedMs),
  });
  const informerOf = listen(informers, queue);
  const controller = new Controller({
    ...{ ...parts, name: "large-object", queue, workers },
    backoff: new Backoff({ random: parts.random, baseMs: 500, maxMs: 60_000 }),
    reconcile: async (key, { signal }) => {
      const object = objectKeyOf(key);
      const tellBusy = (busyMs: number): void => {
        spent.spend(namespaceOf(object), busyMs);
      };
      return await withoutEnd(async () => {
        await informerOf.get(informerIdOf(key))?.readLate(object, signal, tellBusy);
      });
    },
  });
  return {
    name: "large objects",
    start: () => {
      controller.start();
    },
    stop: () => controller.stop(),
  };
}

/** Informers by what their keys in the queue begin with. */
function listen(informers: Informers, queue: WorkQueue): ReadonlyMap<string, AnyInformer> {
  const all = allOf(informers);
  for (const informer of all) {
    informer.onUnread((key) => {
      queue.add(`${informer.id} ${key}`);
    });
  }
  return new Map(all.map((informer) => [informer.id, informer]));
}

/** By namespace: since when it has an object that is to be read, by the monotonic clock. */
export function unreadSince(informers: Informers): ReadonlyMap<string, number> {
  const oldest = new Map<string, number>();
  for (const informer of allOf(informers)) {
    for (const [key, sinceMs] of informer.unreadSince()) {
      const namespace = namespaceOf(key);
      oldest.set(namespace, Math.min(sinceMs, oldest.get(namespace) ?? Infinity));
    }
  }
  return oldest;
}

function allOf(informers: Informers): readonly AnyInformer[] {
  return Object.values(informers).flatMap(
    (kind: { readonly informers: readonly unknown[] }) => kind.informers as readonly AnyInformer[],
  );
}

function informerIdOf(key: string): string {
  return key.slice(0, key.indexOf(" "));
}

function objectKeyOf(key: string): string {
  return key.slice(key.indexOf(" ") + 1);
}

async function withoutEnd(run: () => Promise<void>): Promise<Result> {
  try {
    await run();
    return done;
  } catch (error) {
    if (error instanceof OperatorError && error.retry === "never") return after(refusedPauseMs);
    throw error;
  }
}
