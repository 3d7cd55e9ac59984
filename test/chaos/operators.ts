// The operator of a run, which is killed and comes back, and sometimes a second one. Their logs
// are kept: after a violation they are what there is to read.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { NAMESPACE } from "./services.ts";

const FLAGS = ["--settle-time=2s"];
// Short, so that whoever takes over after a kill does so while the run is still on.
const ELECTION_FLAGS = [
  "--leader-elect=true",
  `--lease-namespace=${NAMESPACE}`,
  "--lease-duration=4s",
  "--renew-deadline=2s",
  "--retry-period=500ms",
];

export type Operators = {
  /** Starts the one that should always be there. */
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Runs a further one until `isOver`. */
  runSecond(isOver: Promise<unknown>): Promise<void>;
  /** Ends of the operator that nobody asked for. */
  readonly crashes: readonly string[];
  stop(): Promise<void>;
};

export type OperatorsOptions = {
  readonly kubeconfigPath: string;
  /** Whether they elect a leader, or run side by side by mistake. */
  readonly electLeader: boolean;
  readonly logFolder: string;
};

export function createOperators(options: OperatorsOptions): Operators {
  const { kubeconfigPath, electLeader, logFolder } = options;
  const flags = electLeader ? [...FLAGS, ...ELECTION_FLAGS] : FLAGS;
  const running = new Map<OperatorProcess, "first" | "second">();
  const crashes: string[] = [];
  let started = 0;
  const launch = async (role: "first" | "second"): Promise<OperatorProcess> => {
    const operator = await launchOperator({ kubeconfigPath, flags });
    started += 1;
    const logPath = join(logFolder, `operator-${String(started).padStart(3, "0")}-${role}.log`);
    running.set(operator, role);
    void operator.exited.then(async ({ code, signal }) => {
      if (running.delete(operator)) {
        crashes.push(`the operator ended by itself (${signal ?? code ?? "?"}), see ${logPath}`);
      }
      await saveLog(operator, logPath);
    });
    return operator;
  };
  const end = async (operator: OperatorProcess): Promise<void> => {
    running.delete(operator);
    await operator.stop("SIGKILL");
    await operator[Symbol.asyncDispose]();
  };
  return {
    start: async () => {
      await launch("first");
    },
    kill: async () => {
      for (const [operator, role] of running) if (role === "first") await end(operator);
    },
    runSecond: async (isOver) => {
      const operator = await launch("second");
      await isOver;
      await end(operator);
    },
    crashes,
    stop: async () => {
      for (const operator of [...running.keys()]) await end(operator);
    },
  };
}

async function saveLog(operator: OperatorProcess, path: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  const lines = operator.log().map((line) => JSON.stringify(line));
  await writeFile(path, `${lines.join("\n")}\n${operator.otherOutput()}\n`);
}
