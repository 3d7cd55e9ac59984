// One roll: an ordinary rollout of the workload, by an annotation of its template or, in Template
// delivery, by the entries themselves. It is validated against the workload as it is now, past
// every cache, because a roll that was decided on something else would restart pods for nothing.

import { fieldManager, rolledAtAnnotation } from "../../api/group.ts";
import { poolIn } from "../../api/keys.ts";
import { entriesFor } from "../../api/sizing.ts";
import { cooldownEndMs, wasReverted } from "../../domain/decide/cooldown.ts";
import type { WorkloadFacts } from "../../domain/facts/facts.ts";
import { isoTime, timeMs } from "../../domain/words/iso-time.ts";
import type { Position } from "../../domain/demand/position.ts";
import { lastRollHadNoEffect, wasRollUndone } from "../../domain/decide/rolls-without-effect.ts";
import { type PoolPart, partsOf } from "../../domain/decide/pool-parts.ts";
import { forbidsTemplate, type Wish } from "../../domain/decide/wishes.ts";
import { hasTemplateOwner } from "../../domain/demand/template-owner.ts";
import type { ObservedWorkload } from "../../observed.ts";
import type { Cluster, Failure, Manifest } from "../../ports.ts";
import { buildRoll, buildTemplateApply, type TemplatePool } from "../../render/template-apply.ts";
import type { Expectations } from "../memory/expectations.ts";
import { annotatedFoundSize, annotatedReverts } from "../observe/last-roll.ts";
import type { PastRolls } from "../memory/past-rolls.ts";

export interface RollStarter {
  readonly cluster: Cluster;
  readonly templates: Expectations<true>;
  readonly pastRolls: PastRolls;
}

/** Undefined when the rollout was started. */
export async function startRoll(
  starter: RollStarter,
  roll: Wish,
  nowMs: number,
): Promise<Failure | undefined> {
  const { workload } = roll.position;
  const fresh = await starter.cluster.readWorkload(workload.key);
  if (fresh.kind !== "ok") return fresh;
  const changed = changeSince(workload, fresh.value);
  if (changed) return changed;
  const { reverts, undone } = inVainAfter(roll, nowMs);
  const rolledAt = rollTime(fresh.value.templateAnnotations[rolledAtAnnotation], nowMs);
  const manifest = manifestOf(roll, fresh.value, { rolledAt, reverts });
  const force = mayTake(roll, fresh.value);
  const outcome = await starter.cluster.apply(manifest, { force });
  if (outcome.kind !== "ok") return outcome;
  starter.templates.expect(workload.key, outcome.value.resourceVersion, true);
  for (const { position, poolSize } of partsOf(roll)) {
    const written = writesTemplate(position) ? poolSize : undefined;
    const past = { atMs: nowMs, poolSize: written, reverts, undone };
    starter.pastRolls.note(position.pool.poolKey, past);
  }
  return undefined;
}

/**
 * Whole seconds as everywhere, and never what stands there already: an apply that changes nothing
 * starts no rollout, and the second roll of one second would be waited for in vain.
 */
export function rollTime(before: string | undefined, nowMs: number): string {
  const beforeMs = timeMs(before) ?? 0;
  const isSameSecond = Math.floor(beforeMs / 1_000) === Math.floor(nowMs / 1_000);
  return isSameSecond ? new Date(beforeMs + 1).toISOString() : isoTime(nowMs);
}

type InVain = Pick<WorkloadFacts, "reverts" | "undone">;

const nothingInVain: InVain = { reverts: 0, undone: 0 };

/**
 * How often the entries were put back, or the pods started unsized, once this roll is written, and
 * how many rolls its owner has undone. Both begin anew when what we wrote has stood for longer than
 * the back-off that it had led to, and with the first roll that writes no entries: nobody has
 * undone one of those yet. What a person undoes is no owner's.
 */
export function inVainAfter(
  { position, poolSize }: Pick<Wish, "position" | "poolSize">,
  nowMs: number,
): InVain {
  const { pool } = position;
  const { reverts, undone } = pool;
  if (pool.rolledPoolSize !== undefined && !writesTemplate(position)) return nothingInVain;
  const isUndone = wasRollUndone(pool);
  if (isUndone || wasReverted(pool) || lastRollHadNoEffect(position, poolSize)) {
    const isOwners = isUndone && hasTemplateOwner(pool);
    return { reverts: reverts + 1, undone: isOwners ? undone + 1 : 0 };
  }
  return nowMs < cooldownEndMs(position) ? { reverts, undone } : nothingInVain;
}

/** What was decided on something else than what is there now is dropped and decided anew. */
export function changeSince(before: WorkloadFacts, fresh: ObservedWorkload): Failure | undefined {
  const isSame =
    fresh.uid === before.uid &&
    fresh.generation === before.generation &&
    fresh.replicas === before.replicas;
  if (isSame) return undefined;
  return { kind: "conflict", message: `${before.key} has changed meanwhile`, managers: [] };
}

/** A roll of ours writes the entries, not only the time of the roll. */
function writesTemplate({ pool, policy }: Position): boolean {
  if (policy.delivery === "Template") return true;
  return policy.migratingToTemplate === true && !pool.findings.some(forbidsTemplate);
}

/** Entries of others are taken over where each policy that writes such ones says so. */
function mayTake(roll: Wish, live: ObservedWorkload): boolean {
  const respecting = partsOf(roll).filter(
    ({ position: { policy } }) => policy.spec.ownership !== "Take",
  );
  return respecting.flatMap(templatePoolOf).every((pool) => areOnlyOurs(pool, live));
}

function areOnlyOurs(
  { container, entries }: TemplatePool,
  { envManagers }: ObservedWorkload,
): boolean {
  const managers = entries.flatMap(({ name }) => envManagers[`${container}/${name}`] ?? []);
  return managers.every((manager) => manager === fieldManager);
}

/** Of pools of several policies one may write the template, and another does not. */
function manifestOf(
  roll: Wish,
  live: ObservedWorkload,
  { rolledAt, reverts }: { readonly rolledAt: string; readonly reverts: number },
): Manifest {
  const [pool, ...beside] = partsOf(roll).flatMap(templatePoolOf);
  if (!pool) return buildRoll(live, rolledAt);
  return buildTemplateApply(live, {
    ...pool,
    beside,
    rolledAt,
    reverts: reverts === (annotatedReverts(live.annotations) ?? 0) ? undefined : reverts,
    foundPoolSize: foundSizeOf(roll, live),
  });
}

/** None of a pool that is not to be written. */
function templatePoolOf({ position, poolSize }: PoolPart): TemplatePool[] {
  const { pool, policy, managed } = position;
  const entry = policy.spec.workloads[pool.entry];
  if (!managed || !writesTemplate(position) || !entry || pool.container === undefined) return [];
  const entries = entriesFor(policy.spec, entry, poolSize, policy.idleTimeoutSeconds);
  return [{ pool: poolIn(pool.poolKey), container: pool.container, entries, poolSize }];
}

/** Of further pools the status alone knows it. */
function foundSizeOf(roll: Wish, { annotations }: ObservedWorkload): number | undefined {
  const main = partsOf(roll).find(({ position: { pool } }) => poolIn(pool.poolKey) === undefined);
  if (main) return main.position.pool.foundPoolSize;
  return annotatedFoundSize(annotations);
}
