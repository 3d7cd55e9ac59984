// The command line: `poolwarden run` assembles the operator and ends with an exit code; `plan`
// answers a question, and `top` shows the fleet.

import packageJson from "../package.json" with { type: "json" };
import { systemClock } from "./adapters/clock.ts";
import { checkKubeconfig } from "./adapters/kubernetes/credentials.ts";
import { createLog } from "./adapters/log.ts";
import { createMetrics } from "./adapters/metrics.ts";
import { systemRandom } from "./adapters/random.ts";
import { type Config, readCommand } from "./config.ts";
import { OperatorError } from "./errors.ts";
import { openFleet } from "./plan/open-fleet.ts";
import { runPlan } from "./plan/plan-command.ts";
import { uriVariable } from "./plan/secrets.ts";
import { assembleProcess, createRealDatabases } from "./process.ts";
import { Lifecycle } from "./runtime/lifecycle.ts";
import { topCommand } from "./top/top-command.ts";
import { usage } from "./usage.ts";

const { version } = packageJson;

async function run(config: Config): Promise<number> {
  await checkKubeconfig(config);
  const clock = systemClock;
  const log = createLog({ level: config.logLevel });
  log.info({ version, namespaces: config.namespaces }, "poolwarden starts");
  const lifecycle = new Lifecycle({ signals: process, clock, log });
  const metricsService = createMetrics(log);
  assembleProcess({ config, version, clock, random: systemRandom, log, metricsService }, lifecycle);
  const code = await lifecycle.run();
  log.info({ code }, "poolwarden ends");
  return code;
}

async function top(args: readonly string[]): Promise<number> {
  await topCommand(args, { process, clock: systemClock, random: systemRandom, version });
  return 0;
}

async function planOnce(args: readonly string[]): Promise<number> {
  const { code, stdout, stderr } = await runPlan(args, {
    stdin: process.stdin,
    nowMs: systemClock.nowMs(),
    uri: process.env[uriVariable],
    openDatabase: () => createRealDatabases({ clock: systemClock, mayConnect: () => true }),
    openFleet: (kubeconfig) =>
      openFleet(kubeconfig, { clock: systemClock, random: systemRandom, version }),
  });
  process.stderr.write(stderr);
  await written(stdout);
  return code;
}

/** Also where the reader goes away early, as head does. What is not written is no answer. */
function written(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: NodeJS.ErrnoException | null): void => {
      if (!error || error.code === "EPIPE") resolve();
      else reject(unwritten(error));
    };
    process.stdout.on("error", end);
    process.stdout.write(text, end);
  });
}

function unwritten({ message }: Error): OperatorError {
  const problem = `the answer could not be written to standard output: ${message}`;
  return new OperatorError("CONFIG_INVALID", problem, { retry: "never" });
}

async function main(): Promise<number> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === "top") return await top(rest);
  if (first === "plan") return await planOnce(rest);
  const command = readCommand(process.argv.slice(2), process.env);
  if (command.kind === "run") return await run(command.config);
  process.stdout.write(command.kind === "help" ? usage : `${version}\n`);
  return 0;
}

try {
  process.exit(await main());
} catch (error) {
  if (error instanceof OperatorError) {
    process.stderr.write(`poolwarden: ${error.message}\n`);
    process.exit(2);
  }
  // Thrown on, it would come with a line of the bundle, which is kilobytes long.
  process.stderr.write(`poolwarden: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
