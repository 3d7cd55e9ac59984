// What is done where a roll has brought nothing. Pods that started without a size may do so again,
// so the next roll waits twice as long each time. An owner that has put the template back twice
// will do so again: its pods are evicted instead, one at a time, and each new one gets its size.

import { cooldownEndMs } from "./cooldown.ts";
import { isGranted } from "./grants.ts";
import { type EvictionTerms, sayNeverEvicted } from "./one-by-one.ts";
import {
  keepsUndoingRolls,
  lastRollHadNoEffect,
  noEffectRetryMs,
  wasRollUndone,
} from "./rolls-without-effect.ts";
import type { Position } from "../demand/position.ts";
import { hasTemplateOwner } from "../demand/template-owner.ts";
import { sayUndone } from "../words/say-undone.ts";
import type { Wish } from "./wishes.ts";

/** An obstacle to the next roll. */
interface InVain {
  readonly reason: "RollUndone" | "StartedUnsized";
  readonly message: string;
  readonly untilMs: number;
  readonly isOneByOne?: true;
}

interface Scene {
  readonly terms: EvictionTerms;
}

/** After so long an owner may have changed its ways. */
const undoneRetryMs = 24 * 3_600_000;

export function ownerUndoesRolls(wish: Wish, { terms }: Scene): InVain | undefined {
  const { position, toShrink } = wish;
  const { workload } = position;
  if (!isGranted(position) || !keepsUndoingRolls(workload)) return undefined;
  const untilMs = rolledAgainAtMs(wish, terms);
  if (untilMs <= terms.nowMs) return undefined;
  const undone = sayUndone(workload);
  if (toShrink) return { reason: "RollUndone", message: undone, untilMs, isOneByOne: true };
  const message = `${undone}: it grows when somebody else replaces its pods`;
  return { reason: "RollUndone", message, untilMs };
}

function rolledAgainAtMs({ position, toShrink }: Wish, terms: EvictionTerms): number {
  const { rolledAtMs = 0, reverts } = position.workload;
  if (!toShrink) return cooldownEndMs(position);
  const isEvicted = sayNeverEvicted(position, terms) === undefined;
  return rolledAtMs + (isEvicted ? undoneRetryMs : noEffectRetryMs(reverts));
}

export function lastRollDidNotHelp(
  { position, poolSize }: Wish,
  { terms }: Scene,
): InVain | undefined {
  const { workload } = position;
  const { rolledAtMs, reverts } = workload;
  if (rolledAtMs === undefined || !lastRollHadNoEffect(position, poolSize)) return undefined;
  const untilMs = rolledAtMs + noEffectRetryMs(reverts);
  if (untilMs <= terms.nowMs) return undefined;
  if (!isGranted(position) || !wasRollUndone(workload)) {
    return { reason: "StartedUnsized", message: startedUnsized, untilMs };
  }
  const message = `${sayUndone(workload)}: ${sayInstead(position, terms)}`;
  return { reason: "RollUndone", message, untilMs };
}

/** What is done instead of a roll. */
export function sayInstead(
  position: Position,
  terms: Pick<EvictionTerms, "isEvictionOff">,
): string {
  if (!hasTemplateOwner(position.workload)) return rolledAgain;
  const never = sayNeverEvicted(position, terms);
  if (never !== undefined) return never;
  return keepsUndoingRolls(position.workload)
    ? "its pods are evicted one at a time instead, where they are too large"
    : "if that happens again, its pods are evicted one at a time";
}

const rolledAgain =
  "it is rolled out again, with a delay that doubles each time. To keep its pods as they are, set " +
  "spec.rebalance of the policy to Never";

const startedUnsized =
  "its last rollout did not help: its pods started without a pool size from Poolwarden. Check " +
  "that the admission policy reaches them and that nothing else sets their variables, then run " +
  "kubectl rollout restart; the operator tries again after a delay that doubles each time";
