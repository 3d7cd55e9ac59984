// One run: a fleet with real pools on a real PostgreSQL, three replicas of the operator, and
// leaders that are lost one after the other while the services scale and deploy. Judged from
// outside: the server's sessions, the pods' own sizes, the server's refusals, and the API server's
// audit log.
import { durationMs } from "../../src/api/durations.ts";
import type { Random } from "../../src/ports.ts";
import { readPods, readPolicy } from "../chaos/cluster.ts";
import { waitUntilSettled } from "../chaos/convergence.ts";
import { applyPolicy } from "../chaos/perform.ts";
import { APP_ROLE, BUDGET, NAMESPACE, SECRET } from "../chaos/services.ts";
import { watchSessions } from "../chaos/session-watch.ts";
import { setStage } from "../chaos/stage.ts";
import type { Stage } from "../chaos/stage.ts";
import { createWitness } from "../chaos/witness.ts";
import type { Witness } from "../chaos/witness.ts";
import { openRefusalLog } from "../demo/refusal-log.ts";
import { prepareAudit } from "../support/audit.ts";
import { conditionIn } from "../support/fleet.ts";
import { read } from "../support/kubernetes-rest.ts";
import { seededRandom } from "../support/prng.ts";
import { openWorkspace, waitUntil } from "../support/processes.ts";
import { installRights } from "../support/rights.ts";
import { judgeWrites } from "./judge.ts";
import type { Judgement } from "./judge.ts";
import { drawDeed, scaleToFull } from "./owners.ts";
import { createReplicas, GROUP } from "./replicas.ts";
import type { Replica, Replicas } from "./replicas.ts";
import type { ElectionTimes } from "./times.ts";
import { bringBack, descriptions, lose, nap, WAYS } from "./ways.ts";
import type { Way } from "./ways.ts";

const REPLICAS = 3;
const SETTLED_WITHIN_MS = 300_000;
/** A nap before every so many kills. */
const NAP_EVERY = 4;

export type KillsOptions = {
  readonly kills: number;
  readonly seed: number;
  readonly times: ElectionTimes;
  readonly say: (line: string) => void;
  /** Where the operators' logs go. */
  readonly logFolder: string;
};

export type Verdict = Judgement & {
  readonly losses: readonly Loss[];
  readonly peakSessions: number;
  readonly peakSlots: number;
  readonly refused: number;
  readonly violations: readonly string[];
  /** Looks at the server that were answered. */
  readonly looks: number;
};

/** A leader that was lost at a time, and who came after it. */
export type Loss = {
  readonly way: Way;
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
};

type Play = {
  readonly stage: Stage;
  readonly replicas: Replicas;
  readonly witness: Witness;
  readonly random: Random;
  readonly options: KillsOptions;
};

export async function runLeaderKills(options: KillsOptions): Promise<Verdict> {
  await using started = new AsyncDisposableStack();
  const workspace = await openWorkspace("poolwarden-leader-kills-");
  started.defer(() => workspace.close());
  const audit = await prepareAudit(workspace.directory, { userGroup: GROUP });
  const stage = started.use(await setStage({ apiServerFlags: audit.apiServerFlags }));
  await grantRights(stage);
  const witness = createWitness(BUDGET, options.say);
  stage.watchFleet((pods) => {
    witness.seePods(pods);
  });
  const sessions = watchSessions(stage.postgres.uri(), (byRole) => {
    witness.seeSessions(byRole.get(APP_ROLE) ?? 0);
  });
  started.defer(() => sessions.stop());
  const log = await openRefusalLog(stage.postgres);
  started.defer(() => log.close());
  const { directory } = workspace;
  const replicas = createReplicas({ ...options, plane: stage.plane, directory });
  started.defer(() => replicas.stop());
  const play = { stage, replicas, witness, random: seededRandom(options.seed), options };
  await adopt(play);
  const refusedBefore = await log.count();
  const losses = await loseLeaders(play);
  await waitUntilSettled(stage, SETTLED_WITHIN_MS, options.say);
  await replicas.stop();
  const { peakSessions, peakSlots, violations } = witness.seen;
  const refused = (await log.count()) - refusedBefore;
  const entries = (await audit.entries()).filter(({ user }) => user.startsWith("operator-"));
  const seen = { peakSessions, peakSlots, violations, refused, looks: sessions.looks() };
  return { ...judgeWrites(entries), ...seen, losses };
}

async function grantRights({ plane }: Stage): Promise<void> {
  await installRights(plane, [{ kind: "Group", name: GROUP }]);
  const name = ["db", "-n", NAMESPACE];
  const secret = ["--verb=get", "--resource=secrets", `--resource-name=${SECRET}`];
  await plane.kubectl(["create", "role", ...name, ...secret]);
  await plane.kubectl(["create", "rolebinding", ...name, "--role=db", `--group=${GROUP}`]);
}

async function adopt({ stage, replicas, witness, options: { say } }: Play): Promise<void> {
  await Promise.all(Array.from({ length: REPLICAS }, () => replicas.start()));
  await applyPolicy(stage, new Map());
  await waitUntil(
    "WithinBudget",
    async () => {
      const status = read(await readPolicy(stage), "status");
      return read(conditionIn(status, "WithinBudget"), "status") === "True";
    },
    SETTLED_WITHIN_MS,
  );
  witness.becomeStrict();
  await waitUntilSettled(stage, SETTLED_WITHIN_MS, say);
  await scaleToFull(stage);
  await waitUntilSettled(stage, SETTLED_WITHIN_MS, say);
  say(`adopted by ${REPLICAS} replicas: ${look(witness)}`);
}

async function loseLeaders(play: Play): Promise<readonly Loss[]> {
  const { kills, seed } = play.options;
  const losses: Loss[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    if (kill % NAP_EVERY === 0) await letLeaderNap(play);
    const way = WAYS[(kill + seed) % WAYS.length] ?? "kill";
    losses.push(await loseLeader(play, way));
  }
  return losses;
}

async function loseLeader(play: Play, way: Way): Promise<Loss> {
  const { stage, replicas, random, witness, options } = play;
  const leader = await replicas.leader();
  const standbys = replicas.standbysOf(leader);
  const deed = await drawDeed(stage, random);
  await Promise.all(standbys.map((standby) => waitUntilWarm(stage, standby)));
  const atMs = Date.now();
  await lose(leader, way);
  await deed.run();
  const next = await replicas.leader(leader);
  // What the owners did meanwhile stands in its first status.
  await next.process.waitForLine('"decided"', '"statusWrites":1');
  await bringBack(leader, way);
  await replicas.bury(leader);
  await replicas.start();
  const hand = `${leader.user} → ${next.user}`.padEnd(28);
  options.say(`${hand}${descriptions[way]}; meanwhile ${deed.what}; ${look(witness)}`);
  return { way, atMs, from: leader.user, to: next.user };
}

/** It is ready, has seen every pod, and has written nothing. */
async function waitUntilWarm(stage: Stage, { user, process: operator }: Replica): Promise<void> {
  await waitUntil(`${user} to know every pod`, async () => {
    const pods = (await readPods(stage)).length;
    const known = await operator.metric("poolwarden_cache_objects", { kind: "Pod" });
    return known === pods && (await operator.get("/readyz")).status === 200;
  });
  const leads = await operator.metric("poolwarden_leader");
  const written = await operator.metric("poolwarden_writes_total");
  if (leads + written > 0) throw new Error(`standby ${user}: leads ${leads}, writes ${written}`);
}

/** It goes on if it wakes in time; if not it ends, and another takes its place. */
async function letLeaderNap({ replicas, random, options }: Play): Promise<void> {
  const leader = await replicas.leader();
  await nap(leader, durationMs(options.times.leaseDuration), random);
  const wokenMs = Date.now();
  await waitUntil("the sleeper to go on or to end", async () => {
    if (leader.process.hasExited()) return true;
    return ((await replicas.renewedMs(leader)) ?? 0) > wokenMs;
  });
  const hasEnded = leader.process.hasExited();
  options.say(`${leader.user} slept, and ${hasEnded ? "ended, another leads" : "goes on"}`);
  if (!hasEnded) return;
  await replicas.bury(leader);
  await replicas.start();
}

function look({ seen: { sessions, slots } }: Witness): string {
  return `sessions ${sessions}/${BUDGET}, slots ${slots}/${BUDGET}`;
}
