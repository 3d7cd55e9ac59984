// What the kubelet of the simulated world is given, and as whom its pods log in.

import type { ObservedPod } from "../../../src/observed.ts";
import type { Clock, Random } from "../../../src/ports.ts";
import type { ObjectKind } from "./object-kind.ts";
import type { Pod } from "./pod.ts";
import type { NodeTimes, PodTimes } from "./pod-times.ts";
import type { SimulatedPostgres } from "./postgres.ts";
import type { LookUp } from "./workload-spec.ts";

export interface KubeletParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly pods: ObjectKind<ObservedPod>;
  readonly times: PodTimes;
  readonly nodeTimes: NodeTimes;
  readonly serverOf: (server: string | undefined) => SimulatedPostgres | undefined;
  readonly lookUp: LookUp;
  /** Whether its image can be pulled now. */
  readonly canPull: (pod: Pod) => boolean;
}

export function loginOf({ parts }: Pod, address: string): NonNullable<Pod["login"]> {
  const { user, database, applicationName } = parts.pools;
  return { user, database, applicationName, address };
}
