// One run: adopt a fleet that promised too much, let its owners prepare for pods that start
// unsized, then break things while the owners go on scaling and deploying, then let it come to
// rest. Everything that is judged is seen from outside.
import { setTimeout as delay } from "node:timers/promises";
import { openRefusalLog } from "../demo/refusal-log.ts";
import { seededRandom } from "../support/prng.ts";
import { conditionIn } from "../support/fleet.ts";
import { read } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";
import { patchEnvironment, readPods, readPolicy, waitForRoom } from "./cluster.ts";
import { waitUntilSettled, waitUntilStill } from "./convergence.ts";
import { describeAction, drawEvents } from "./draw-events.ts";
import { createOperators } from "./operators.ts";
import type { Operators } from "./operators.ts";
import { applyPolicy, createPerformer } from "./perform.ts";
import { APP_ROLE, BUDGET, SERVICES, SIZE_FOR_UNSIZED } from "./services.ts";
import { watchSessions } from "./session-watch.ts";
import { setStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { createWitness, describePods } from "./witness.ts";
import type { Witness } from "./witness.ts";

const ADOPTED_WITHIN_MS = 180_000;
const CONVERGED_WITHIN_MS = 600_000;

export type RunOptions = {
  readonly events: number;
  readonly seed: number;
  /** For how long nobody may write at the end. */
  readonly stillMs: number;
  readonly say: (line: string) => void;
  /** Where the operators' logs go. */
  readonly logFolder: string;
};

export type Verdict = {
  readonly peakSessions: number;
  readonly peakSlots: number;
  readonly refused: number;
  readonly violations: readonly string[];
  readonly unsized: number;
  /** Rollouts that the operator has started. */
  readonly rolls: number;
  /** Undefined where it did not converge. */
  readonly convergedMs: number | undefined;
  /** Looks at the server that were answered. */
  readonly looks: number;
};

export async function runChaos(options: RunOptions): Promise<Verdict> {
  const startMs = performance.now();
  const say = (line: string): void => {
    options.say(`${formatTime(performance.now() - startMs)}  ${line}`);
  };
  const electLeader = options.seed % 2 === 0;
  say(`seed ${options.seed}: operators ${electLeader ? "with" : "without"} leader election`);
  await using stage = await setStage();
  const witness = createWitness(BUDGET, say);
  stage.watchFleet((pods) => {
    witness.seePods(pods);
  });
  const sessions = watchSessions(stage.postgres.uri(), (byRole) => {
    witness.seeSessions(byRole.get(APP_ROLE) ?? 0);
  });
  const operators = createOperators({
    kubeconfigPath: stage.operatorKubeconfigPath,
    electLeader,
    logFolder: options.logFolder,
  });
  const log = await openRefusalLog(stage.postgres);
  try {
    await adopt(stage, operators, { witness, say });
    const refusedBefore = await log.count();
    const convergedMs = await breakThings({ stage, operators, witness, say }, options);
    const { seen } = witness;
    return {
      peakSessions: seen.peakSessions,
      peakSlots: seen.peakSlots,
      refused: (await log.count()) - refusedBefore,
      violations: [...seen.violations, ...operators.crashes],
      unsized: seen.unsized.size,
      rolls: seen.rolls.size,
      convergedMs,
      looks: sessions.looks(),
    };
  } finally {
    await operators.stop();
    await sessions.stop();
    await log.close();
  }
}

type Say = (line: string) => void;
type Play = {
  readonly stage: Stage;
  readonly operators: Operators;
  readonly witness: Witness;
  readonly say: Say;
};

async function adopt(
  stage: Stage,
  operators: Operators,
  { witness, say }: Pick<Play, "witness" | "say">,
): Promise<void> {
  await waitUntil("the fleet to run", async () => (await readPods(stage)).length === 6);
  await waitForRoom(stage);
  say(`the fleet runs unbudgeted: ${look(witness)}`);
  await operators.start();
  await applyPolicy(stage, new Map());
  await waitUntil(
    "WithinBudget",
    async () => {
      const status = read(await readPolicy(stage), "status");
      return read(conditionIn(status, "WithinBudget"), "status") === "True";
    },
    ADOPTED_WITHIN_MS,
  );
  witness.becomeStrict();
  await waitUntilSettled(stage, ADOPTED_WITHIN_MS, say);
  say(`adopted: ${look(witness)}`);
  for (const { name } of SERVICES) {
    await waitForRoom(stage);
    await patchEnvironment(stage, name, { DB_POOL_MAX_SIZE: String(SIZE_FOR_UNSIZED) });
  }
  await waitUntilSettled(stage, ADOPTED_WITHIN_MS, say);
  say(`the templates say ${SIZE_FOR_UNSIZED} now, for pods that start unsized: ${look(witness)}`);
}

/** Resolves with what it took to converge after the last event, in ms; undefined: it did not. */
async function breakThings(
  { stage, operators, witness, say }: Play,
  { events, seed, stillMs }: RunOptions,
): Promise<number | undefined> {
  const performer = createPerformer(stage, operators);
  let count = 0;
  for (const { pauseMs, action } of drawEvents(seededRandom(seed), events)) {
    await delay(pauseMs);
    await performer.perform(action);
    count += 1;
    say(`${String(count).padStart(3)} ${describeAction(action).padEnd(58)} ${look(witness)}`);
  }
  await performer.mended();
  say("everything works again");
  try {
    const convergedMs = await waitUntilSettled(stage, CONVERGED_WITHIN_MS, say);
    say(
      `converged: ${describePods(await readPods(stage))}, ${look(witness)}; is it still for ${stillMs / 1000} s?`,
    );
    await waitUntilStill(stage, stillMs, CONVERGED_WITHIN_MS);
    // The services have more to do than their pools can: whoever may have a session wants it.
    await waitUntil("every pool to be full", () => witness.seen.sessions === witness.seen.slots);
    say(`every pool is full: ${look(witness)}`);
    return convergedMs;
  } catch (error) {
    say(String(error));
    return undefined;
  }
}

function look({ seen: { sessions, slots, unsized } }: Witness): string {
  const unsizedNote = unsized.size === 0 ? "" : `, unsized so far ${unsized.size}`;
  return `sessions ${sessions}/${BUDGET}, slots ${slots}/${BUDGET}${unsizedNote}`;
}

function formatTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const rest = String(seconds % 60).padStart(2, "0");
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${rest}`;
}
