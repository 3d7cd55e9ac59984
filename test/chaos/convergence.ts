// When a run may end: every pod carries what it is granted (or more, where all fits), the policy
// says that all is well, and from then on nobody writes anything at all.
import { setTimeout as delay } from "node:timers/promises";
import { poolSizeAnnotation } from "../../src/api/group.ts";
import { conditionIn, poolSizeOf } from "../support/fleet.ts";
import type { Pod } from "../support/kubelet/pod.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { readDeployments, readPods, readPolicy, readVersions } from "./cluster.ts";
import { usersOfRoom } from "./room.ts";
import type { Stage } from "./stage.ts";

const LOOK_EVERY_MS = 250;
const SAY_EVERY_MS = 20_000;

/** What is still missing, for people; an empty list when everything is in place. */
export function unsettled(
  policy: unknown,
  deployments: readonly unknown[],
  pods: readonly Pod[],
): string[] {
  const status = read(policy, "status");
  const conditions = ["Ready", "WithinBudget"].flatMap((type) => {
    const condition = conditionIn(status, type);
    if (read(condition, "status") === "True") return [];
    return [`${type} is not True: ${String(read(condition, "message"))}`];
  });
  const isOld = read(policy, "metadata", "generation") !== read(status, "observedGeneration");
  return [
    ...conditions,
    ...(isOld ? ["the policy's latest spec was not decided on"] : []),
    ...usersOfRoom(deployments, pods),
    ...pods.flatMap((pod) => wrongSize(status, pod)),
  ];
}

function wrongSize(status: unknown, pod: Pod): string[] {
  const { name, labels, annotations } = pod.metadata;
  const granted = read(status, "grants", `Deployment/${labels?.["app"] ?? ""}`, "poolSize");
  const annotated = annotations?.[poolSizeAnnotation];
  const size = poolSizeOf(pod);
  // One that started unsized and is of the right size all the same is not worth a restart.
  if (size === granted && (annotated ?? String(granted)) === String(granted)) return [];
  // Nor is one that holds more than its next pods get, as long as everybody fits (WithinBudget).
  if (annotated === String(size) && size > Number(granted)) return [];
  const carried = `${size}${annotated === undefined ? " unsized" : ""}`;
  return [`${name} has ${carried}, granted is ${String(granted)}`];
}

/** Resolves when nothing is missing and nobody has written for `stillMs`. */
export async function waitUntilStill(
  stage: Stage,
  stillMs: number,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  let missing: readonly string[] = [];
  let changed: readonly string[] = [];
  let versions: ReadonlyMap<string, string> = new Map();
  let sinceMs = Date.now();
  while (missing.length > 0 || Date.now() - sinceMs < stillMs) {
    if (Date.now() > deadline) throw new Error(notStill(missing, changed));
    await delay(LOOK_EVERY_MS);
    missing = await readMissing(stage);
    const now = await readVersions(stage);
    const different = differences(versions, now);
    if (different.length > 0 || missing.length > 0) sinceMs = Date.now();
    if (different.length > 0) changed = different;
    versions = now;
  }
}

/** Resolves with what it took until nothing was missing for the first time, in ms. */
export async function waitUntilSettled(
  stage: Stage,
  withinMs: number,
  say: (line: string) => void,
): Promise<number> {
  const startMs = Date.now();
  let saidMs = startMs;
  for (;;) {
    const missing = await readMissing(stage);
    if (missing.length === 0) return Date.now() - startMs;
    if (Date.now() - startMs > withinMs) throw new Error(notStill(missing, []));
    if (Date.now() - saidMs > SAY_EVERY_MS) {
      say(`waiting: ${missing.join("; ")}`);
      for (const line of operatorsWord(await readPolicy(stage))) say(`  it says: ${line}`);
      saidMs = Date.now();
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** What the operator itself says stands in the way: its row for each service. */
function operatorsWord(policy: unknown): string[] {
  return readList(policy, "status", "workloads").map((row) => {
    const field = (name: string): string => String(read(row, name));
    return `${field("workload")} ${field("decision")}, ${field("reason")}: ${field("message")}`;
  });
}

async function readMissing(stage: Stage): Promise<string[]> {
  return unsettled(await readPolicy(stage), await readDeployments(stage), await readPods(stage));
}

function differences(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): string[] {
  const gone = [...before.keys()].filter((key) => !now.has(key));
  const changed = [...now].filter(([key, version]) => before.get(key) !== version);
  return [...gone, ...changed.map(([key]) => key)];
}

function notStill(missing: readonly string[], changed: readonly string[]): string {
  if (missing.length > 0) return `it does not converge: ${missing.join("; ")}`;
  return `it does not come to rest: ${changed.join(", ")} changed`;
}
