// A real Prometheus (Debian's package prometheus) that scrapes a process of a test every second and
// evaluates our rules: what it answers is what people get to see.
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { findFreePort, openWorkspace, waitUntil } from "./processes.ts";
import type { Workspace } from "./processes.ts";

/** One way of scraping; several may scrape the same process. */
export type Scrape = {
  readonly job: string;
  /** host:port */
  readonly address: string;
  readonly honorLabels: boolean;
  /** As a service discovery would give them, such as namespace and pod. */
  readonly labels: Readonly<Record<string, string>>;
};

export type PrometheusOptions = {
  readonly scrapes: readonly Scrape[];
  /** Rule files: objects with `groups`. */
  readonly rules: readonly object[];
};

export type Sample = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
};

export type RuleState = {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
  readonly state: string;
  readonly query: string;
};

export type Prometheus = AsyncDisposable & {
  /** Instant query; at a moment in Unix seconds, or now. */
  query(expression: string, atSeconds?: number): Promise<readonly Sample[]>;
  /** The series of a range query over these last seconds, by their labels; each has points. */
  queryRange(expression: string, lastSeconds: number): Promise<readonly Sample["metric"][]>;
  labelValues(label: string, selector: string): Promise<readonly string[]>;
  rules(): Promise<readonly RuleState[]>;
};

/** Whether the program is on the PATH; said once on standard error if it is not. */
export const hasPrometheus = findPrometheus();

/** Resolves when every target was scraped and every rule evaluated. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const workspace = await openWorkspace("poolwarden-prometheus-");
  try {
    return await start(workspace, options);
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

function findPrometheus(): boolean {
  const { error } = spawnSync("prometheus", ["--version"]);
  if (error === undefined) return true;
  process.stderr.write("prometheus is not on the PATH (package prometheus): nothing is scraped\n");
  return false;
}

async function start(workspace: Workspace, options: PrometheusOptions): Promise<Prometheus> {
  const { directory } = workspace;
  const data = join(directory, "data");
  await mkdir(data);
  const config = join(directory, "prometheus.yaml");
  await writeFile(config, stringify(await configOf(directory, options)));
  const port = await findFreePort();
  const child = await workspace.spawn("prometheus", [
    `--config.file=${config}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.level=warn",
  ]);
  const client = createApi(`http://127.0.0.1:${port}/api/v1`);
  await waitUntil("Prometheus to scrape and evaluate", async () => {
    if (child.hasExited()) throw new Error(`prometheus has ended:\n${child.output()}`);
    return await isBusy(client, options);
  });
  return { ...client, [Symbol.asyncDispose]: () => workspace.close() };
}

async function configOf(directory: string, { scrapes, rules }: PrometheusOptions): Promise<object> {
  const files = rules.map((_, index) => join(directory, `rules-${index}.yaml`));
  for (const [index, content] of rules.entries()) {
    await writeFile(files[index] ?? "", stringify(content, { lineWidth: 0 }));
  }
  return {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: files,
    scrape_configs: scrapes.map(({ job, address, honorLabels, labels }) => ({
      job_name: job,
      honor_labels: honorLabels,
      static_configs: [{ targets: [address], labels }],
    })),
  };
}

type Api = Omit<Prometheus, typeof Symbol.asyncDispose>;
type Found = { metric: Record<string, string>; value: [number, string] };

function createApi(base: string): Api {
  const get = async (path: string, parameters: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${base}${path}?${new URLSearchParams(parameters).toString()}`);
    const body = (await answer.json()) as { status: string; error?: string; data: unknown };
    if (body.status !== "success") throw new Error(`${path}: ${body.error ?? answer.status}`);
    return body.data;
  };
  return {
    query: async (query, atSeconds) => {
      const time = atSeconds === undefined ? {} : { time: String(atSeconds) };
      const { result } = (await get("/query", { query, ...time })) as { result: Found[] };
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    queryRange: async (query, lastSeconds) => {
      const end = Date.now() / 1_000;
      const range = { start: String(end - lastSeconds), end: String(end), step: "1" };
      const data = await get("/query_range", { query, ...range });
      return (data as { result: Found[] }).result.map(({ metric }) => metric);
    },
    labelValues: async (label, selector) =>
      (await get(`/label/${label}/values`, { "match[]": selector })) as string[],
    rules: async () => {
      const { groups } = (await get("/rules", {})) as { groups: { rules: RuleState[] }[] };
      return groups.flatMap(({ rules }) => rules);
    },
  };
}

async function isBusy(api: Api, { scrapes }: PrometheusOptions): Promise<boolean> {
  try {
    const up = await api.query("up == 1");
    const rules = await api.rules();
    return up.length === scrapes.length && rules.every(({ health }) => health !== "unknown");
  } catch {
    return false;
  }
}
