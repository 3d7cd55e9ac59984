// What a policy asks of running pods, as facts: whether their pool may be resized while they run,
// or what is in the way; and, of the pods of a server, what its readings say of their sizes.

import type { WorkloadEntry, WorkloadRow } from "../../api/poolpolicy.ts";
import { hasConsole, isPooler } from "../../api/pooler-presets.ts";
import type { Finding, PolicyFacts, PoolFacts, Snapshot } from "../../domain/facts/facts.ts";
import { onSeveralServers } from "../../domain/supply/live-pools.ts";
import { liveSizesOf } from "../../domain/supply/live-sizes.ts";
import { resizeNeedsAdmission, resizeNeedsRights } from "../../render/live-rights.ts";
import type { Now } from "../memory/fleet-addresses.ts";
import type { LiveMemory } from "../memory/live-memory.ts";

/** The operator's owner allows that annotations of pods are written. */
interface Rights {
  readonly mayResize?: boolean;
  /** There is somebody who speaks to the consoles of poolers. */
  readonly followsConsoles?: boolean;
}

export interface LiveObserver extends Rights {
  /** What is known of running pods that were resized. */
  readonly live: LiveMemory;
}

type Delivered = Pick<PolicyFacts, "delivery" | "migratingToTemplate"> & {
  readonly spec: Pick<PolicyFacts["spec"], "mode">;
};

/** What its entry asks for, where the API server sizes its pods and we may resize them. */
export function resizeFactsOf(
  { mayResize = false, followsConsoles = false }: Rights,
  { resize, start, pods, ...entry }: ResizeEntry,
  { delivery, migratingToTemplate, spec }: Delivered,
): Pick<PoolFacts, "resize" | "start" | "console"> {
  const isPossible = mayResize && delivery === "Admission" && migratingToTemplate !== true;
  if (resize !== "Live" || !isPossible || pods !== undefined) return {};
  const isGated = start === "WhenSlotsAreFree" && spec.mode === "Enforce";
  const gated = isGated && { start: "WhenSlotsAreFree" as const };
  return { resize, ...gated, ...consoleFacts(entry, followsConsoles) };
}

type ResizeEntry = Pick<WorkloadEntry, "resize" | "start" | "pods" | "preset" | "console">;

/** Where nobody speaks to consoles, as in a plan, a pooler follows like any other application. */
function consoleFacts(
  { preset = "generic", console }: Pick<WorkloadEntry, "preset" | "console">,
  followsConsoles: boolean,
): Pick<PoolFacts, "console"> {
  if (!hasConsole(preset)) return isPooler(preset) ? { console: "Useless" } : {};
  if (console === undefined) return { console: "Lacking" };
  return followsConsoles ? { console: "Followed" } : {};
}

/** `row`: of the policy's last status, which may be of another server. */
export function wasLive(
  row: Pick<WorkloadRow, "live"> | undefined,
  { cameFromElsewhere }: Pick<PolicyFacts, "cameFromElsewhere">,
): Pick<PoolFacts, "wasLive"> {
  return row?.live && cameFromElsewhere !== true ? { wasLive: true } : {};
}

export function resizeFindings(
  { mayResize = false }: Rights,
  { resize }: Pick<WorkloadEntry, "resize">,
  { delivery }: Delivered,
): readonly Finding[] {
  if (resize !== "Live" || (mayResize && delivery === "Admission")) return [];
  const message = mayResize ? resizeNeedsAdmission : resizeNeedsRights;
  return [{ reason: "CannotBeLive", severity: "degraded", message }];
}

/** Of servers that are decided together: of pods that are resized, what readings say of sizes. */
export function withLivePods(
  live: LiveMemory,
  snapshots: readonly Snapshot[],
  now: Now,
): readonly Snapshot[] {
  const onSeveral = onSeveralServers(snapshots);
  return snapshots.map((snapshot) => {
    const clock = live.clockFor(snapshot, now);
    const sizes = liveSizesOf(snapshot, { clock, onSeveral });
    live.noteProofs(snapshot.server, sizes.proofs);
    live.words.note(snapshot.server, sizes, now.monotonicMs);
    return { ...snapshot, workloads: sizes.pools };
  });
}
