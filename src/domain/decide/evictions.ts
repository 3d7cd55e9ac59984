// Where the rollout that would repair a broken line does not fit beside what runs, or where its
// owner undoes it, replacing one pod at a time may help: it adds one pod of the new size, or
// nothing where the next pod waits for the old one. So one pod of the larger size is evicted, the
// one that gives back most first, and the next one only when its replacement is ready: of a server
// never two at once. What is away is told from the pods themselves, so that a new leader keeps to
// it.

import { type Away, whoIsAway } from "./away.ts";
import type { PodFacts } from "../facts/facts.ts";
import { isGranted } from "./grants.ts";
import type { RollTerms } from "./obstacles.ts";
import { sayNeed } from "./limit-words.ts";
import { oncePerName } from "../once-per.ts";
import { type Hindrance, hindranceTo, isBegun, podToEvict } from "./one-by-one.ts";
import { turnsOf } from "./namespace-turns.ts";
import type { Position } from "../demand/position.ts";
import { raisedWhileEvicting } from "./raised-limits.ts";
import { keepsUndoingRolls } from "./rolls-without-effect.ts";
import { isHeld, untilRead } from "../supply/late-objects.ts";
import { partsOf, sumOfParts } from "./pool-parts.ts";
import { addedBy, evictionAdds, mayAdd } from "./running.ts";
import { sayCount } from "../words/say-count.ts";
import { sayName } from "../words/say-owner.ts";
import type { Wish } from "./wishes.ts";

export interface Eviction {
  /** The roll that does not fit, of which it is a part. */
  readonly wish: Wish;
  readonly pod: PodFacts;
  /** Slots that its replacement holds less; 0 where a pool without a limit counts as less. */
  readonly slots: number;
}

export interface EvictionScene {
  readonly positions: readonly Position[];
  readonly terms: RollTerms;
}

export interface EvictionDecision {
  readonly eviction: Eviction | undefined;
  /** By the index of a position: what is said of replacing its pods one at a time. */
  readonly said: ReadonlyMap<number, Hindrance>;
}

/** Of wishes whose rollout does not fit. */
export function decideEviction(wishes: readonly Wish[], scene: EvictionScene): EvictionDecision {
  const said = new Map<number, Hindrance>();
  const fitting: Eviction[] = [];
  const awayFor = awayIn(scene);
  for (const wish of wishes.filter((one) => isRepair(one, scene))) {
    const eviction = evictionOf(wish, scene.terms.nowMs);
    const { namespace } = wish.position.workload;
    const hindrance =
      eviction && (obstacleOf(eviction, scene) ?? waitFor(awayFor(namespace), wish));
    if (hindrance) said.set(wish.index, hindrance);
    else if (eviction) fitting.push(eviction);
  }
  const [eviction, ...later] = inTurns(fitting, scene);
  if (!eviction) return { eviction, said };
  said.set(eviction.wish.index, { message: sayEviction(eviction) });
  for (const { wish } of later) said.set(wish.index, { message: sayTurn(eviction, wish) });
  return { eviction, said };
}

/** The one that gives back most first. */
function inTurns(fitting: readonly Eviction[], { positions, terms }: EvictionScene): Eviction[] {
  const turn = turnsOf(positions, terms);
  const turnOf = ({ wish }: Eviction): number => turn(wish.position);
  return fitting.toSorted((a, b) => turnOf(a) - turnOf(b) || b.slots - a.slots);
}

function awayIn({ positions, terms }: EvictionScene): (namespace: string) => Away | undefined {
  return oncePerName((namespace) => whoIsAway({ positions, ...terms }, namespace));
}

function waitFor(away: Away | undefined, { position }: Wish): Hindrance | undefined {
  if (!away) return undefined;
  const message = `its pods are replaced one at a time${away.say(position.policy.key)}`;
  return { message, ...(away.untilMs !== undefined && { untilMs: away.untilMs }) };
}

/** A limit of it is exceeded, or was until most pods were replaced, or its rolls are undone. */
function isRepair(wish: Wish, { terms: { limits } }: EvictionScene): boolean {
  const { position, poolSize, toShrink } = wish;
  if (!toShrink || !isGranted(position)) return false;
  if (isBegun(position, poolSize) || keepsUndoingRolls(position.workload)) return true;
  return !partsOf(wish).every(({ index }) => limits.isWithin(index));
}

/** Undefined where no pod is larger than the next one. */
function evictionOf(wish: Wish, nowMs: number): Eviction | undefined {
  const { position, poolSize } = wish;
  const pod = podToEvict(position, poolSize, nowMs);
  if (!pod) return undefined;
  const slots = sumOfParts(wish, (part) => {
    const own = ownSizeIn(part.position, pod);
    return Math.max(0, own - part.poolSize) * part.position.sizing.processesPerPod;
  });
  return { wish, pod, slots };
}

/** Of the same pod in another pool of its workload. */
function ownSizeIn({ workload }: Position, pod: PodFacts): number {
  const same = workload.pods.includes(pod) ? pod : workload.pods.find(({ uid }) => uid === pod.uid);
  return same?.own.poolSize ?? 0;
}

function obstacleOf(eviction: Eviction, scene: EvictionScene): Hindrance | undefined {
  const { position, poolSize } = eviction.wish;
  return (
    objectsAreLate(position, scene) ??
    hindranceTo(position, poolSize, scene.terms) ??
    someLimitIsFull(eviction, scene) ??
    lineWouldRise(eviction, scene)
  );
}

function objectsAreLate({ workload }: Position, { terms }: EvictionScene): Hindrance | undefined {
  const { namespace } = workload;
  if (!isHeld(namespace, terms)) return undefined;
  return { message: `replacing one pod at a time waits ${untilRead({ namespace }, namespace)}` };
}

function someLimitIsFull({ wish }: Eviction, { terms }: EvictionScene): Hindrance | undefined {
  const added = addedBy(wish, terms.running, evictionAdds);
  const full = added.find(({ running, addedSlots }) => !mayAdd(running, addedSlots));
  if (!full) return undefined;
  const { endingSlots } = full.running;
  const wayOut = endingSlots > 0 ? "" : ". To fix: restart the workload when fewer pods run";
  return {
    message: `replacing one pod at a time would add ${full.addedSlots}, too many as well${wayOut}`,
  };
}

/** Pods that end already may hold all the room that there is for rollouts. */
function lineWouldRise({ wish, pod }: Eviction, { terms }: EvictionScene): Hindrance | undefined {
  const [asking, ...others] = partsOf(wish).map(({ index, position }) => {
    return { index, poolSize: ownSizeIn(position, pod) };
  });
  if (!asking) return undefined;
  const evicted = { ...asking, beside: others };
  const higher = raisedWhileEvicting(evicted, terms);
  return higher && { message: `replacing one pod at a time would ${sayNeed(higher)}` };
}

function sayEviction({ pod, slots }: Eviction): string {
  const gain = pod.own.unlimited
    ? "whose pool has no limit"
    : `which frees ${sayCount(slots, "slot")}`;
  return `its pods are replaced one at a time: evicts ${pod.name}, ${gain}`;
}

function sayTurn({ wish: first }: Eviction, { position }: Wish): string {
  return `its pods are replaced one at a time, after one of ${sayName(first.position, position.policy.key)}`;
}
