// When the work begins: at once, or upon leadership. The caches fill and the queues collect from
// the start, so that a standby has everything at hand; what it collected while another led is only
// keys, and what they mean is read from the caches when its time has come.

import { workloadKindNames } from "./api/workload-kinds.ts";
import type { Informers } from "./informers.ts";
import type { Controller } from "./runtime/controller.ts";
import type { LeaderElection } from "./runtime/leader-election.ts";
import type { Part } from "./runtime/lifecycle.ts";

export function controllersPart(controllers: readonly Controller[]): Part {
  return {
    name: "controllers",
    start: () => {
      for (const one of controllers) one.start();
    },
    stop: () => stopAll(controllers),
  };
}

/** The lease is given away only after the last write. */
export function electedPart(
  leadership: LeaderElection,
  controllers: readonly Controller[],
  informers: Informers,
): Part {
  return {
    name: "leader election",
    start: () => {
      leadership.start(() => {
        relistWritten(informers);
        for (const one of controllers) one.start();
      });
    },
    stop: async () => {
      await stopAll(controllers);
      await leadership.stop();
    },
  };
}

/**
 * What the leader before us wrote last may not have reached our watches. Each single write is safe
 * from that by its resourceVersion, but a sum over several policies or rollouts is not: until it is
 * all listed anew, the caches do not count as synced, and nothing is decided.
 */
function relistWritten(informers: Informers): void {
  informers.policies.relist();
  for (const kind of workloadKindNames) informers[kind].relist();
}

async function stopAll(controllers: readonly Controller[]): Promise<void> {
  await Promise.all(controllers.map((one) => one.stop()));
}
