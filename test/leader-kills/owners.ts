// What the owners of the services do while nobody leads: scale and deploy, as ever, and mostly at
// full size, because full is where it hurts. What replaces pods waits for the room beforehand,
// which is all that they are asked for.
import type { Random } from "../../src/ports.ts";
import {
  patchDeployment,
  patchEnvironment,
  readDeployments,
  waitForRoom,
} from "../chaos/cluster.ts";
import { SERVICES } from "../chaos/services.ts";
import type { Service } from "../chaos/services.ts";
import type { Stage } from "../chaos/stage.ts";
import { read } from "../support/kubernetes-rest.ts";

export type Deed = {
  /** For people. */
  readonly what: string;
  run(): Promise<void>;
};

const TOWARDS_FULL = 0.7;

/** Every service with as many pods as its autoscaler might ask for. */
export async function scaleToFull(stage: Stage): Promise<void> {
  for (const { name, maxReplicas } of SERVICES) await scale(stage, name, maxReplicas).run();
}

/** Always one that changes something. Resolves when it may be done. */
export async function drawDeed(stage: Stage, random: Random): Promise<Deed> {
  const service = oneOf(SERVICES, random);
  const { name, maxReplicas } = service;
  const now = await replicasOf(stage, name);
  const deed = drawFor(service, { now, random, stage });
  // Pods that leave need the room; those that come have their own place on the ledger.
  if (now === maxReplicas || deed.what.startsWith("deploy")) await waitForRoom(stage);
  return deed;
}

type Draw = { readonly stage: Stage; readonly random: Random; readonly now: number };

function drawFor({ name, maxReplicas }: Service, { stage, random, now }: Draw): Deed {
  if (random.next() < TOWARDS_FULL) {
    return now === maxReplicas ? deploy(stage, name, random) : scale(stage, name, maxReplicas);
  }
  const smaller = Array.from({ length: maxReplicas - 1 }, (_, index) => index + 1);
  return now === maxReplicas
    ? scale(stage, name, oneOf(smaller, random))
    : deploy(stage, name, random);
}

function deploy(stage: Stage, name: string, random: Random): Deed {
  const version = String(Math.floor(random.next() * 1e9));
  return { what: `deploy ${name}`, run: () => patchEnvironment(stage, name, { VERSION: version }) };
}

function scale(stage: Stage, name: string, replicas: number): Deed {
  const run = (): Promise<void> => patchDeployment(stage, name, { spec: { replicas } });
  return { what: `scale ${name} to ${replicas}`, run };
}

async function replicasOf(stage: Stage, service: string): Promise<number> {
  const deployments = await readDeployments(stage);
  const found = deployments.find((one) => read(one, "metadata", "name") === service);
  return Number(read(found, "spec", "replicas"));
}

function oneOf<T>(choices: readonly T[], random: Random): T {
  const chosen = choices[Math.floor(random.next() * choices.length)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}
