// `make demo`: the incident that everybody knows, without Poolwarden and with it, on a real
// PostgreSQL and a real control plane. Only the kubelet is played, because there is no node.
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ControlPlaneUnavailable } from "../support/control-plane/binaries.ts";
import { playWithLivePools } from "./act-with-live-pools.ts";
import { playWithoutPolicy } from "./act-without-policy.ts";
import { playThirdService, playWithPolicy } from "./acts-with-policy.ts";
import { waitUntilAdmissionWorks } from "./admission-check.ts";
import { formatTime } from "./frame.ts";
import { startOperator } from "./operator.ts";
import { extremesOf } from "./recording.ts";
import { savePlotOnceOver } from "./save-plot.ts";
import { openScreen } from "./screen.ts";
import type { Screen } from "./screen.ts";
import { LIMIT, setStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { untilStopped } from "./stopping.ts";
import { judge } from "./verdict.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const PLOT_PATH = "out/demo/sessions.svg";
const LOG_PATH = "out/demo/operator.log";

type Closing = { close: () => Promise<void> }[];

async function play(screen: Screen, closing: Closing, plotPaths: string[]): Promise<boolean> {
  const stage = await setStage(screen);
  closing.push(stage);
  const { recording, failed } = stage.observer;
  const played = Promise.race([playActs(stage, closing), failed]);
  await savePlotOnceOver(played, { recording, limit: LIMIT, paths: plotPaths });
  const tookMs = recording.acts.at(-1)?.endMs ?? 0;
  screen.say(
    `demo: took ${formatTime(tookMs)}; plot in ${PLOT_PATH}, operator's log in ${LOG_PATH}`,
  );
  const verdict = judge(extremesOf(recording, false), extremesOf(recording, true), LIMIT);
  screen.say(verdict.line);
  return verdict.passed;
}

async function playActs(stage: Stage, closing: Closing): Promise<void> {
  const { observer, screen } = stage;
  await install(stage);
  await playWithoutPolicy(stage);
  await waitUntilAdmissionWorks(stage.rest);
  observer.begin("Act 2, with Poolwarden", true);
  screen.say("$ poolwarden run --kubeconfig …");
  const operator = await startOperator(stage, LOG_PATH);
  closing.unshift({ close: () => operator.stop() });
  await Promise.race([playOperatorActs(stage), operator.failed]);
  await observer.end();
  screen.clear();
  await showPolicy(stage);
}

// Without a PoolPolicy it changes nothing: act 1 is played with it there.
async function install({ screen, kubectl }: Stage): Promise<void> {
  await kubectl("apply --server-side -f crds/");
  // Not for a condition: kubectl fails on an object that has none yet.
  await kubectl(
    "wait --for=jsonpath={.status.acceptedNames.kind}=PoolPolicy crd/poolpolicies.poolwarden.dev",
  );
  screen.say("The PoolPolicy kind and the admission policy are there; no PoolPolicy yet.");
}

async function playOperatorActs(stage: Stage): Promise<void> {
  await playWithPolicy(stage);
  stage.observer.begin("Act 3, a third service", true);
  await playThirdService(stage);
  stage.observer.begin("Act 4, live pools", true);
  await playWithLivePools(stage);
}

async function showPolicy({ screen, kubectl }: Stage): Promise<void> {
  screen.say("");
  screen.say(await kubectl("get poolpolicies"));
  screen.say(await kubectl("describe poolpolicy orders"));
}

function explain(error: unknown): string {
  if (error instanceof ControlPlaneUnavailable) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { "save-plot": { type: "string" } } });
  process.chdir(REPOSITORY);
  // The pods' command is `node`: this one.
  process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const screen = openScreen(process.stdout);
  const closing: Closing = [];
  const plotPaths = [
    PLOT_PATH,
    ...(values["save-plot"] === undefined ? [] : [values["save-plot"]]),
  ];
  const outside = { signals: process, output: process.stdout };
  const stopped = untilStopped(outside, (text) => {
    screen.say(text);
  });
  const played = play(screen, closing, plotPaths).then((passed) => (passed ? 0 : 1));
  const code = await Promise.race([played, stopped]).catch((error: unknown) => {
    screen.clear();
    process.stderr.write(`demo: ${explain(error)}\n`);
    return 1;
  });
  // What is still being played fails when the stage goes.
  played.catch(() => undefined);
  for (const one of closing) await one.close();
  screen.clear();
  return code;
}

process.exit(await main());
