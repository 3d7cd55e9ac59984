// When the server is worth reading again before its interval is over. A reading is a picture of
// some seconds ago: where pods have gone since, it shows sessions that nobody holds any more, and
// what is decided on them reports a broken line, keeps others from growing, or restarts pods to no
// end. How soon it is read is bounded elsewhere; here it is said that, and what for.

import type { Snapshot } from "../facts/facts.ts";
import type { Obstacle } from "./obstacles.ts";
import type { PoolPlan } from "./pool-plan.ts";
import type { RollDecisions } from "./rolls.ts";
import { sayCount } from "../words/say-count.ts";

export interface ReadingWish {
  readonly why:
    | "a repair"
    | "sessions of pods that are gone"
    | "a broken line"
    | "a pool that was shrunk"
    | "slots";
  /** Differs when something has moved since: then it is worth asking as soon as at first. */
  readonly state: string;
  /** Something is held back until the server was read. */
  readonly isHolding: boolean;
}

export interface WishScene {
  readonly database: Snapshot["database"];
  readonly ghostSlots: number;
  readonly exposureSlots: number;
  readonly budgetSlots: number | undefined;
  readonly pools: readonly PoolPlan[];
  readonly rolls: RollDecisions;
}

/** Undefined where a reading would tell nothing new, or the server does not answer anyway. */
export function readingWishOf(scene: WishScene): ReadingWish | undefined {
  const { database, ghostSlots, exposureSlots, budgetSlots } = scene;
  if (!database.reading || database.failure) return undefined;
  const why = reasonOf(scene);
  if (why === undefined) return undefined;
  const unproven = unprovenPods(scene);
  const state = [ghostSlots, exposureSlots, budgetSlots, ...(unproven > 0 ? [unproven] : [])].join(
    "/",
  );
  return { why, state, isHolding: why === "a repair" };
}

function reasonOf({ pools, rolls, ...scene }: WishScene): ReadingWish["why"] | undefined {
  if (rolls.waiting.some(({ obstacle }) => obstacle.needsReading)) return "a repair";
  if (scene.ghostSlots > 0) return "sessions of pods that are gone";
  if (unprovenPods({ pools }) > 0) return "a pool that was shrunk";
  if (isBroken(scene)) return "a broken line";
  const isAwaited =
    pools.some(({ grant }) => grant.decision === "Wait") ||
    rolls.waiting.some(({ obstacle: { reason, untilMs } }) => {
      return reason === "RollsWaiting" && untilMs === undefined;
    });
  return isAwaited ? "slots" : undefined;
}

/** The follow time of so many pods is over, and no reading has shown yet that they have shrunk. */
function unprovenPods({ pools }: Pick<WishScene, "pools">): number {
  return pools.reduce((sum, { position: { resizablePods = [] } }) => {
    return sum + resizablePods.filter(({ live }) => live?.provableInMs === 0).length;
  }, 0);
}

type Account = Pick<WishScene, "exposureSlots" | "budgetSlots">;

function isBroken({ exposureSlots, budgetSlots = Infinity }: Account): boolean {
  return exposureSlots > budgetSlots;
}

/**
 * A repair that rests on sessions of pods that are gone waits until they were looked at again. A
 * server that cannot be read, or never was, holds nothing back.
 */
export function heldForReading(scene: Omit<WishScene, "pools">): RollDecisions {
  const { database, rolls, ghostSlots } = scene;
  const wish = rolls.roll ?? rolls.eviction?.wish;
  const isOld = database.failure === undefined && database.isOld === true;
  if (wish === undefined || ghostSlots === 0 || !isOld || !isBroken(scene)) return rolls;
  const sessions = sayCount(ghostSlots, "session");
  const message = `waits for the next reading of the server: ${sessions} may belong to pods that are gone`;
  const obstacle: Obstacle = { reason: "RollsWaiting", message, needsReading: true };
  const waiting = rolls.waiting.filter((one) => one.wish !== wish);
  return {
    ...{ roll: undefined, eviction: undefined },
    waiting: [...waiting, { wish, obstacle }],
    obstacles: new Map(rolls.obstacles).set(wish.index, obstacle),
  };
}
