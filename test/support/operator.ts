// The operator as a person or a Deployment starts it: a process of its own with flags, of which a
// test sees what they would see: its log, its pages, its exit code.
import { join } from "node:path";
import { openWorkspace, waitUntil } from "./processes.ts";
import type { Exit, Workspace } from "./processes.ts";

const ENTRY = join(import.meta.dirname, "..", "..", "src", "main.ts");
const SERVING = "serving metrics and health";
const STARTS_WITHIN_MS = 50_000;

export type OperatorOptions = {
  /** Path of a kubeconfig; without it no such flag is given. */
  readonly kubeconfigPath?: string;
  /** Further flags; of a repeated one the last counts. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

/** A line of the log. */
export type LogLine = {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
};

export type Page = { readonly status: number; readonly body: string };

export type OperatorProcess = AsyncDisposable & {
  readonly pid: number;
  /** Everything logged so far. */
  log(): readonly LogLine[];
  /** Lines that have all of these words in their JSON. */
  linesWith(...words: readonly string[]): readonly LogLine[];
  /** What it printed and is no log line, such as the reason why it would not start. */
  otherOutput(): string;
  hasExited(): boolean;
  readonly exited: Promise<Exit>;
  /** One of its pages, such as /metrics. */
  get(path: string): Promise<Page>;
  /** Sum of a metric over all series that carry these labels; 0 where there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Resolves when /readyz says so. */
  waitUntilReady(): Promise<void>;
  /** Resolves with the first line that has these words in its JSON. */
  waitForLine(...words: readonly string[]): Promise<LogLine>;
  /** The same of the lines that come after this call. */
  waitForNextLine(...words: readonly string[]): Promise<LogLine>;
  /** SIGTERM unless told otherwise; SIGKILL after 15 s. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
};

/** Starts `poolwarden run` in haste and waits until it is ready. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const operator = await launchOperator(options);
  await operator.waitUntilReady();
  return operator;
}

/** The same without waiting for more than its port. */
export async function launchOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const { kubeconfigPath, flags = [] } = options;
  const kubeconfig = kubeconfigPath === undefined ? [] : ["--kubeconfig", kubeconfigPath];
  const times = ["--settle-time=1s", "--admission-warm-up=1s", "--database-interval=2s"];
  const args = [
    "run",
    ...kubeconfig,
    "--listen=127.0.0.1:0",
    "--log-level=debug",
    // Its databases are on this machine.
    "--allowed-database-hosts=*,localhost,127.0.0.0/8",
    ...times,
    ...flags,
  ];
  const operator = await runPoolwarden(args, options.environment);
  try {
    await operator.waitForLine(SERVING);
  } catch (error) {
    await operator.stop("SIGKILL");
    throw error;
  }
  return operator;
}

/** `poolwarden` with any arguments at all; nothing is waited for. */
export async function runPoolwarden(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<OperatorProcess> {
  const workspace = await openWorkspace("poolwarden-operator-");
  let text = "";
  const env = { PATH: process.env["PATH"], HOME: workspace.directory, ...environment };
  const child = await workspace.spawn(process.execPath, [ENTRY, ...args], {
    env,
    onOutput: (piece) => {
      text += piece;
    },
  });
  const output = (): Output => readOutput(text);
  const linesWith = (...words: readonly string[]): readonly LogLine[] =>
    output().lines.filter((line) => {
      const written = JSON.stringify(line);
      return words.every((word) => written.includes(word));
    });
  const waitForLine = async (words: readonly string[], skipped: number): Promise<LogLine> => {
    const find = (): LogLine | undefined => linesWith(...words)[skipped];
    const what = `a log line with ${words.join(", ")}`;
    await waitUntil(what, () => isTrueOrEnded(find() !== undefined), STARTS_WITHIN_MS);
    return find() ?? { level: "", message: "" };
  };
  const isTrueOrEnded = (isTrue: boolean): boolean => {
    if (!isTrue && child.hasExited()) throw new Error(`it has ended:\n${text.slice(-4_000)}`);
    return isTrue;
  };
  const get = (path: string): Promise<Page> => getPage(output().lines, path);
  const stop = (signal?: NodeJS.Signals): Promise<Exit> => child.stop(signal, 15_000);
  return {
    pid: child.pid,
    log: () => output().lines,
    linesWith,
    otherOutput: () => output().rest,
    hasExited: () => child.hasExited(),
    exited: child.exited,
    get,
    metric: async (name, labels = {}) => sumOfMetric((await get("/metrics")).body, name, labels),
    waitUntilReady: () =>
      waitUntil(
        "the operator to be ready",
        async () => isTrueOrEnded(!child.hasExited() && (await get("/readyz")).status === 200),
        STARTS_WITHIN_MS,
      ),
    waitForLine: (...words) => waitForLine(words, 0),
    waitForNextLine: (...words) => waitForLine(words, linesWith(...words).length),
    stop,
    [Symbol.asyncDispose]: () => endAll(workspace, stop),
  };
}

type Output = { readonly lines: readonly LogLine[]; readonly rest: string };

function readOutput(text: string): Output {
  const lines: LogLine[] = [];
  const rest: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("{") && line.endsWith("}")) lines.push(JSON.parse(line) as LogLine);
    else if (line !== "") rest.push(line);
  }
  return { lines, rest: rest.join("\n") };
}

async function getPage(lines: readonly LogLine[], path: string): Promise<Page> {
  const serving = lines.find(({ message }) => message === SERVING);
  if (serving === undefined) throw new Error("the operator does not serve yet");
  const answer = await fetch(`http://${String(serving["address"])}${path}`);
  return { status: answer.status, body: await answer.text() };
}

function sumOfMetric(page: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return page
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((one) => line.includes(one)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

async function endAll(workspace: Workspace, stop: () => Promise<Exit>): Promise<void> {
  await stop();
  await workspace.close();
}
