// What the owners of the services do while nobody leads: scale and deploy, as ever. What replaces
// pods waits for the room beforehand, which is all that they are asked for.
import {
  patchDeployment,
  patchEnvironment,
  readDeployments,
  waitForRoom,
} from "../chaos/cluster.ts";
import { SERVICES } from "../chaos/services.ts";
import type { Stage } from "../chaos/stage.ts";
import type { Random } from "../../src/ports.ts";
import { read } from "../support/kubernetes-rest.ts";

export type Deed = {
  /** For people. */
  readonly what: string;
  run(): Promise<void>;
};

const DEPLOYS_OF_TEN = 3;

/** Always one that changes something. Resolves when it may be done. */
export async function drawDeed(stage: Stage, random: Random): Promise<Deed> {
  const { name, maxReplicas } = oneOf(SERVICES, random);
  const now = await replicasOf(stage, name);
  if (10 * random.next() < DEPLOYS_OF_TEN) {
    await waitForRoom(stage);
    const version = String(Math.floor(random.next() * 1e9));
    const run = (): Promise<void> => patchEnvironment(stage, name, { VERSION: version });
    return { what: `deploy ${name}`, run };
  }
  // Full is where it hurts.
  const counts = Array.from({ length: maxReplicas }, (_, index) => [index + 1, maxReplicas]).flat();
  const replicas = oneOf(
    counts.filter((count) => count !== now),
    random,
  );
  // Pods that leave need the room; those that come have their own place on the ledger.
  if (replicas < now) await waitForRoom(stage);
  const run = (): Promise<void> => patchDeployment(stage, name, { spec: { replicas } });
  return { what: `${name} ${now} → ${replicas}`, run };
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
