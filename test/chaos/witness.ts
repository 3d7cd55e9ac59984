// Holds what is seen from outside against the promise, at every single look: how many sessions the
// fleet has on the server, how many slots all pods that exist may take by their own sizes, and
// which pods started without a size. The operator's own word is not asked.
import { poolSizeAnnotation, rolledAtAnnotation } from "../../src/api/group.ts";
import { poolSizeOf, sumOfSlots } from "../support/fleet.ts";
import type { Pod } from "../support/kubelet/pod.ts";
import { isTerminating } from "../support/kubelet/pod.ts";

export type Witness = {
  /** From now on the budget must hold. */
  becomeStrict(): void;
  seePods(pods: readonly Pod[]): void;
  seeSessions(sessions: number): void;
  readonly seen: Readonly<Seen>;
};

export type Seen = {
  sessions: number;
  slots: number;
  peakSessions: number;
  peakSlots: number;
  /** Each rise above the budget is one, however long it lasts. */
  violations: string[];
  /** Pods that started without a size since it became strict, by uid. */
  readonly unsized: Set<string>;
  /** Rollouts that the operator has started, by service and time. */
  readonly rolls: Set<string>;
};

export function createWitness(budget: number, say: (line: string) => void): Witness {
  const seen: Seen = {
    sessions: 0,
    slots: 0,
    peakSessions: 0,
    peakSlots: 0,
    violations: [],
    unsized: new Set(),
    rolls: new Set(),
  };
  const before = new Set<string>();
  let latestPods: readonly Pod[] = [];
  let isStrict = false;
  const hold = (what: "sessions" | "slots", value: number): void => {
    const wasWithin = seen[what] <= budget;
    seen[what] = value;
    if (!isStrict) return;
    const peak = what === "sessions" ? "peakSessions" : "peakSlots";
    seen[peak] = Math.max(seen[peak], value);
    if (value <= budget || !wasWithin) return;
    const violation = `${value} ${what} of ${budget}: ${describePods(latestPods)}`;
    seen.violations.push(violation);
    say(`VIOLATION ${violation}`);
  };
  return {
    seen,
    becomeStrict: () => {
      for (const pod of latestPods) before.add(pod.metadata.uid);
      isStrict = true;
    },
    seePods: (pods) => {
      latestPods = pods;
      hold("slots", sumOfSlots(pods));
      for (const { metadata } of pods) {
        const rolledAt = metadata.annotations?.[rolledAtAnnotation];
        if (rolledAt !== undefined) seen.rolls.add(`${serviceOf(metadata)} ${rolledAt}`);
      }
      const unsized = pods.filter((pod) => !isSized(pod) && !before.has(pod.metadata.uid));
      if (isStrict) for (const { metadata } of unsized) seen.unsized.add(metadata.uid);
    },
    seeSessions: (sessions) => {
      hold("sessions", sessions);
    },
  };
}

export function isSized({ metadata }: Pod): boolean {
  return metadata.annotations?.[poolSizeAnnotation] !== undefined;
}

function serviceOf({ labels }: Pod["metadata"]): string {
  return labels?.["app"] ?? "";
}

/** `2 web × 3 ending, 6 web × 3`. */
export function describePods(pods: readonly Pod[]): string {
  const groups = Map.groupBy(pods, (pod) => {
    const ending = isTerminating(pod) ? " ending" : "";
    return `${serviceOf(pod.metadata)} × ${poolSizeOf(pod)}${ending}`;
  });
  return [...groups]
    .map(([group, { length }]) => `${length} ${group}`)
    .sort()
    .join(", ");
}
