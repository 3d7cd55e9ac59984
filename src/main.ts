// The command line: `poolwarden run`. Reads the configuration, assembles the operator, and ends
// with an exit code.

import packageJson from "../package.json" with { type: "json" };
import { systemClock } from "./adapters/clock.ts";
import { checkKubeconfig } from "./adapters/kubernetes/credentials.ts";
import { createLog } from "./adapters/log.ts";
import { createMetrics } from "./adapters/metrics.ts";
import { systemRandom } from "./adapters/random.ts";
import { type Config, readCommand } from "./config.ts";
import { OperatorError } from "./errors.ts";
import { assembleProcess } from "./process.ts";
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

async function main(): Promise<number> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === "top") return await top(rest);
  const command = readCommand(process.argv.slice(2), process.env);
  if (command.kind === "run") return await run(command.config);
  process.stdout.write(command.kind === "help" ? usage : `${version}\n`);
  return 0;
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  process.stderr.write(`poolwarden: ${error.message}\n`);
  process.exit(2);
}
