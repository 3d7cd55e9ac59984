// Act 4: the pools follow their sizes while they run, and new pods wait for their slots. So nothing
// has to be kept free for the autoscaler's pods: the services hold nearly all connections before it
// scales up and after it, nobody is refused, and no pod is restarted for it.
import { waitUntil } from "../support/processes.ts";
import { scaleUpWeb } from "./act-without-policy.ts";
import { describeSizes } from "./frame.ts";
import type { ServicePods } from "./pods.ts";
import { LIMIT, NAMESPACE } from "./stage.ts";
import type { Stage } from "./stage.ts";

const START_PODS = 3;
const MOST_PODS = 15;
/** Less the reserve, slots for new pods, and what pods have given back and not yet shown. */
const USED_BEFORE = 0.75 * LIMIT;
/** Everybody has what he gets. */
const USED_AFTER = 0.85 * LIMIT;
/** For shrinking pods the server has to show it, 15 s later. */
const USED_WITHIN_MS = 60_000;
const LIVE = [
  { op: "add", path: "/spec/workloads/0/resize", value: "Live" },
  { op: "add", path: "/spec/workloads/0/start", value: "WhenSlotsAreFree" },
];

export async function playWithLivePools(stage: Stage): Promise<void> {
  const { observer, screen, kubectl } = stage;
  await kubectl(`scale deployment/web --replicas=${START_PODS}`);
  await kubectl(`patch poolpolicy orders --type=json -p ${JSON.stringify(LIVE)}`);
  observer.mark("live pools");
  screen.say("One deploy each, because a pod gets the file with its size when it is created:");
  await deployAll(stage);
  await waitUntilUsed(stage, { webPods: START_PODS, sessions: USED_BEFORE });
  screen.say(`${usedOf(stage)}: ${describeSizes(observer.services())}. The same scaling again:`);
  const before = await runningPods(stage);
  await scaleUpWeb(stage);
  await waitUntilUsed(stage, { webPods: MOST_PODS, sessions: USED_AFTER });
  screen.say(`${usedOf(stage)}: ${describeSizes(observer.services())}.`);
  const after = await runningPods(stage);
  const lost = before.filter((uid) => !after.includes(uid));
  if (lost.length > 0) throw new Error(`${lost.length} pods were replaced for it`);
  screen.say(`All ${before.length} pods of before still run, and none was restarted.`);
}

async function deployAll({ kubectl, observer }: Stage): Promise<void> {
  const names = observer.services().map(({ name }) => name);
  for (const name of names) await kubectl(`set image deployment/${name} app=shop/${name}:live`);
  for (const name of names) await kubectl(`rollout status deployment/${name} --timeout=60s`);
}

async function waitUntilUsed(
  { observer }: Stage,
  { webPods, sessions }: { readonly webPods: number; readonly sessions: number },
): Promise<void> {
  const isThere = ({ name, pods, ready }: ServicePods): boolean =>
    ready === pods && (name !== "web" || pods === webPods);
  await waitUntil(
    `${webPods} pods of web, and all to be used`,
    () => observer.services().every(isThere) && observer.latest().sessions >= sessions,
    USED_WITHIN_MS,
  );
}

function usedOf({ observer }: Stage): string {
  return `${observer.latest().sessions} of ${LIMIT} connections are used`;
}

/** Their containers have been started once; by uid. */
async function runningPods({ plane }: Stage): Promise<readonly string[]> {
  const fields =
    "{range .items[*]}{.metadata.uid}{' '}{.status.containerStatuses[0].restartCount}{'\\n'}{end}";
  const asked = ["-n", NAMESPACE, "get", "pods", "-o", `jsonpath=${fields.replaceAll("'", '"')}`];
  const { stdout } = await plane.kubectl(asked);
  const lines = stdout.split("\n").map((line) => line.split(" "));
  return lines.flatMap(([uid = "", restarts = ""]) =>
    uid !== "" && Number(restarts) === 0 ? uid : [],
  );
}
