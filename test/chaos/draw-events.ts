// What happens in a run, drawn from its seed before it begins: the same seed gives the same events
// in the same order with the same pauses, whatever the machine makes of them. As a deck rather than
// as dice, so that even a short run has every kind of event in it.
import type { Random } from "../../src/ports.ts";
import { SERVICES } from "./services.ts";
import type { Service } from "./services.ts";

/** Silent: nobody is told. Closed: every connection ends, and new ones are closed at once. */
export type CutHow = "silent" | "closed";

export type ChaosAction =
  | { readonly kind: "KillOperator"; readonly downMs: number }
  | { readonly kind: "SecondOperator"; readonly forMs: number }
  | { readonly kind: "RestartApiServer"; readonly downMs: number }
  | { readonly kind: "RestartDatabase"; readonly how: "fast" | "kill"; readonly downMs: number }
  | { readonly kind: "CutDatabase"; readonly how: CutHow; readonly forMs: number }
  | { readonly kind: "CutApiServer"; readonly how: CutHow; readonly forMs: number }
  | { readonly kind: "Scale"; readonly service: string; readonly replicas: number }
  | { readonly kind: "Deploy"; readonly service: string }
  | { readonly kind: "DeletePods"; readonly service: string; readonly pods: number }
  | { readonly kind: "Reweigh"; readonly service: string; readonly weight: number };

export type ChaosEvent = {
  /** Pause before it. */
  readonly pauseMs: number;
  readonly action: ChaosAction;
};

export type OwnersAction = Extract<ChaosAction, { readonly service: string }>;
/** Breaks a part for a while. */
export type Disturbance = Exclude<ChaosAction, OwnersAction>;

type Kind = ChaosAction["kind"];

/** How often each kind comes, of 100. */
const FREQUENCIES: Readonly<Record<Kind, number>> = {
  KillOperator: 16,
  Deploy: 16,
  Scale: 18,
  DeletePods: 11,
  RestartApiServer: 8,
  RestartDatabase: 8,
  CutDatabase: 8,
  CutApiServer: 8,
  Reweigh: 4,
  SecondOperator: 3,
};
const OWNERS_KINDS: readonly Kind[] = ["Deploy", "Scale", "DeletePods", "Reweigh"];
const KINDS = Object.keys(FREQUENCIES) as Kind[];

const PAUSE_MAX_MS = 2_000;
const HOW_CUT: readonly CutHow[] = ["silent", "closed"];

export function drawEvents(random: Random, count: number): ChaosEvent[] {
  const deck = Array.from({ length: count }, (_, index) => KINDS[index] ?? drawKind(random));
  const replicas = new Map(SERVICES.map((service) => [service.name, service.replicas]));
  const draw: Draw = { random, replicas, weights: new Map() };
  return shuffle(deck, random).map((kind) => ({
    pauseMs: between(random, 0, PAUSE_MAX_MS),
    action: drawAction(kind, draw),
  }));
}

/** Chance, and what the owners have asked for by the events drawn so far. */
type Draw = {
  readonly random: Random;
  readonly replicas: Map<string, number>;
  readonly weights: Map<string, number>;
};

function drawAction(kind: Kind, draw: Draw): ChaosAction {
  return isOwners(kind)
    ? drawOwnersAction(kind, oneOf(draw.random, SERVICES), draw)
    : drawDisturbance(kind, draw.random);
}

function isOwners(kind: Kind): kind is OwnersAction["kind"] {
  return OWNERS_KINDS.includes(kind);
}

function drawDisturbance(kind: Disturbance["kind"], random: Random): Disturbance {
  switch (kind) {
    case "KillOperator":
      return { kind, downMs: between(random, 0, 4_000) };
    case "SecondOperator":
      return { kind, forMs: between(random, 4_000, 12_000) };
    case "RestartApiServer":
      return { kind, downMs: between(random, 0, 3_000) };
    case "RestartDatabase":
      return { kind, how: oneOf(random, ["fast", "kill"]), downMs: between(random, 0, 3_000) };
    case "CutDatabase":
    case "CutApiServer":
      return { kind, how: oneOf(random, HOW_CUT), forMs: between(random, 1_000, 8_000) };
  }
}

function drawOwnersAction(
  kind: OwnersAction["kind"],
  { name, maxReplicas }: Service,
  { random, replicas, weights }: Draw,
): ChaosAction {
  const now = replicas.get(name) ?? 1;
  switch (kind) {
    case "Scale": {
      // Full is where it hurts.
      const wanted = oneOf(random, [between(random, 1, maxReplicas), maxReplicas, maxReplicas]);
      replicas.set(name, wanted);
      return { kind, service: name, replicas: wanted };
    }
    case "Deploy":
      return { kind, service: name };
    case "DeletePods":
      return { kind, service: name, pods: between(random, 1, now) };
    case "Reweigh": {
      const others = [1, 2, 3].filter((weight) => weight !== (weights.get(name) ?? 1));
      const weight = oneOf(random, others);
      weights.set(name, weight);
      return { kind, service: name, weight };
    }
  }
}

/** A whole number from `least` to `most`, both included. */
function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random.next() * (most - least + 1));
}

function oneOf<T>(random: Random, choices: readonly T[]): T {
  const chosen = choices[between(random, 0, choices.length - 1)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}

function drawKind(random: Random): Kind {
  return oneOf(
    random,
    KINDS.flatMap((kind) => Array.from({ length: FREQUENCIES[kind] }, () => kind)),
  );
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  const keyed = items.map((item) => ({ item, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** The event for people. */
export function describeAction(action: ChaosAction): string {
  return "service" in action ? describeOwners(action) : describeDisturbance(action);
}

function describeOwners(action: OwnersAction): string {
  switch (action.kind) {
    case "Scale":
      return `scale ${action.service} to ${action.replicas}`;
    case "Deploy":
      return `deploy ${action.service}`;
    case "DeletePods":
      return `delete ${action.pods} pods of ${action.service}`;
    case "Reweigh":
      return `weight of ${action.service} is ${action.weight} now`;
  }
}

function describeDisturbance(action: Disturbance): string {
  switch (action.kind) {
    case "KillOperator":
      return `kill -9 of the operator, back after ${seconds(action.downMs)}`;
    case "SecondOperator":
      return `a second operator by mistake, for ${seconds(action.forMs)}`;
    case "RestartApiServer":
      return `kill -9 of the API server, back after ${seconds(action.downMs)}`;
    case "RestartDatabase":
      if (action.how === "fast") return "fast restart of PostgreSQL";
      return `kill -9 of PostgreSQL, back after ${seconds(action.downMs)}`;
    case "CutDatabase":
      return `operator cut from PostgreSQL (${action.how}) for ${seconds(action.forMs)}`;
    case "CutApiServer":
      return `operator cut from the API server (${action.how}) for ${seconds(action.forMs)}`;
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
