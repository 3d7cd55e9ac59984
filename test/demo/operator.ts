// Runs the operator as a person would run it outside a cluster: a process with a kubeconfig.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { openWorkspace } from "../support/processes.ts";
import type { Stage } from "./stage.ts";

const LOG_LINES_SHOWN = 30;

export type Operator = {
  /** Rejects when the operator ends before it is asked to, with the end of its log. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
};

export async function startOperator({ plane }: Stage, logPath: string): Promise<Operator> {
  await mkdir(dirname(logPath), { recursive: true });
  const logFile = createWriteStream(logPath);
  const workspace = await openWorkspace("poolwarden-demo-");
  const args = ["src/main.ts", "run", "--kubeconfig", plane.kubeconfigPath];
  const here = "--allowed-database-hosts=*,127.0.0.0/8";
  const settings = ["--listen=127.0.0.1:0", "--log-level=info", "--live-pools=true", here];
  // One API server needs no settle time to speak of, and a demo should not wait half a minute.
  const haste = ["--settle-time=2s", "--database-interval=5s"];
  const operator = await workspace.spawn(process.execPath, [...args, ...settings, ...haste], {
    onOutput: (text) => logFile.write(text),
  });
  let isWanted = true;
  const failed = operator.exited.then(({ code, signal }): Promise<never> => {
    if (!isWanted) return new Promise(() => undefined);
    const log = operator.output().trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
    throw new Error(`the operator ended by itself (${signal ?? `code ${code ?? "?"}`}):\n${log}`);
  });
  // Whoever plays with the operator listens; until then, nobody does.
  failed.catch(() => undefined);
  return {
    failed,
    stop: async () => {
      isWanted = false;
      await operator.stop("SIGTERM");
      await workspace.close();
      logFile.end();
    },
  };
}
