// One request to the API server, or one stream of bytes from it. Knows HTTP, credentials and time
// limits; what is asked and what it means is its callers' business. A refused token is renewed and
// tried once more; a server that is busy (429) names its own time, and nothing was done, so any
// method may be tried again. A request whose limit has passed is not sent any more, not even by a
// process that was stopped and wakes: it checks the time in the same breath in which it writes.

import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { request as send } from "undici";
import type { Dispatcher } from "undici";
import type { Clock } from "../../ports.ts";
import { AnswerTooLarge, ApiError, parseRetryAfter, unavailable } from "./api-error.ts";
import type { Access, Connection } from "./connection.ts";
import { withSendDeadline } from "./send-deadline.ts";

const busyRetries = 2;
const busyWaitLimitMs = 5_000;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Query = Readonly<Record<string, string>>;

export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  /** Of the body. Default: application/json. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Form of the answer. Default: application/json. */
  readonly accept?: string;
  /** Limit for everything up to the last byte of the answer. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Of the answer, unzipped; beyond it AnswerTooLarge is thrown. Default: `answerLimitBytes`. */
  readonly limitBytes?: number;
  /** Told how long the only thread was busy with the answer: with its JSON. */
  readonly tellBusy?: (busyMs: number) => void;
}

export interface Client {
  /**
   * Parsed answer of a request. Throws ApiError (an OperatorError with what the server said) or
   * OperatorError K8S_UNAVAILABLE when there was no answer: then a write may or may not have
   * happened.
   */
  request(method: Method, path: string, options?: RequestOptions): Promise<unknown>;
  /** Bytes of an answer without an end, once its headers came. Throws as `request` does. */
  stream(
    path: string,
    options: { readonly query: Query; readonly signal: AbortSignal; readonly accept?: string },
  ): Promise<AsyncIterable<Uint8Array>>;
}

export interface ClientOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Of this program, for the User-Agent. */
  readonly version: string;
}

const unzip = promisify(gunzip);
const requestLimitMs = 10_000;
/** An object of etcd has up to 1.5 MiB, as JSON 9 MiB: a character may take six bytes. */
export const answerLimitBytes = 12 * 1024 * 1024;

/** The same client with another default for the limit of a request, in milliseconds. */
export function limitRequests(client: Client, timeoutMs: number): Client {
  return {
    request: (method, path, options = {}) =>
      client.request(method, path, { timeoutMs, ...options }),
    stream: (path, options) => client.stream(path, options),
  };
}

export function createClient({ connection, clock, version }: ClientOptions): Client {
  const courier: Courier = { connection, clock, userAgent: `poolwarden/${version}` };
  return {
    request: async (method, path, options = {}) => {
      const timeoutMs = options.timeoutMs ?? requestLimitMs;
      const limit = AbortSignal.timeout(timeoutMs);
      const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
      const untilMs = clock.monotonicMs() + timeoutMs;
      const asked: Asked = { method, path, ...options, signal, untilMs };
      return await guarded(asked, async () => {
        const answer = await deliver(courier, asked, "requests");
        const json = await readText(asked, answer);
        const sinceMs = clock.monotonicMs();
        const parsed = JSON.parse(json.toString()) as unknown;
        options.tellBusy?.(clock.monotonicMs() - sinceMs);
        return parsed;
      });
    },
    stream: async (path, options) => {
      const asked: Asked = { method: "GET", path, ...options };
      return await guarded(asked, async () => (await deliver(courier, asked, "watches")).body);
    },
  };
}

interface Courier {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly userAgent: string;
}

type Asked = RequestOptions & {
  method: Method;
  path: string;
  signal: AbortSignal;
  /** By the monotonic clock: it is not sent later. */
  untilMs?: number;
};
type Pool = "requests" | "watches";
type Answer = Dispatcher.ResponseData;

async function guarded<T>(asked: Asked, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw unavailable(nameOf(asked), asked.signal.aborted ? asked.signal.reason : error);
  }
}

function nameOf({ method, path }: Asked): string {
  return `${method} ${path}`;
}

/** The answer, if it is a success. */
async function deliver(courier: Courier, asked: Asked, pool: Pool): Promise<Answer> {
  let mayRenew = true;
  for (let busy = 0; ;) {
    const access = await courier.connection.access();
    const answer = await sendOnce(courier, asked, { access, pool });
    if (answer.statusCode < 300) return answer;
    const failure = await readFailure(asked, answer);
    if (failure.status === 401 && mayRenew) {
      mayRenew = false;
      courier.connection.refuse(access);
      continue;
    }
    const waitMs = busyWaitMs(failure);
    if (waitMs === undefined || busy++ >= busyRetries) throw failure;
    await wait(courier.clock, waitMs, asked.signal);
  }
}

async function sendOnce(
  courier: Courier,
  asked: Asked,
  { access, pool }: { access: Access; pool: Pool },
): Promise<Answer> {
  const query = new URLSearchParams(asked.query).toString();
  return await send(`${access.server}${asked.path}${query === "" ? "" : `?${query}`}`, {
    method: asked.method,
    dispatcher: withSendDeadline(
      access[pool],
      () => courier.clock.monotonicMs() >= (asked.untilMs ?? Infinity),
    ),
    signal: asked.signal,
    headers: {
      ...access.headers,
      "user-agent": courier.userAgent,
      accept: asked.accept ?? "application/json",
      ...(pool === "requests" ? { "accept-encoding": "gzip" } : {}),
      ...(asked.body === undefined
        ? {}
        : { "content-type": asked.contentType ?? "application/json" }),
    },
    body: asked.body === undefined ? null : JSON.stringify(asked.body),
  });
}

async function readFailure(asked: Asked, answer: Answer): Promise<ApiError> {
  const retryAfterMs = parseRetryAfter(answer.headers["retry-after"]);
  let body: unknown;
  try {
    body = JSON.parse((await readText(asked, answer)).toString());
  } catch {
    // "404 page not found" and proxies' pages: the status says enough.
  }
  return new ApiError(nameOf(asked), answer.statusCode, {
    body,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

async function readText(asked: Asked, answer: Answer): Promise<Buffer> {
  const { limitBytes = answerLimitBytes } = asked;
  const tooLarge = (): AnswerTooLarge => new AnswerTooLarge(nameOf(asked), limitBytes);
  const bytes = await readBytes(answer.body, { limitBytes, tooLarge });
  const isZipped = answer.headers["content-encoding"] === "gzip";
  return isZipped ? await unzipped(bytes, { limitBytes, tooLarge }) : bytes;
}

interface ByteLimit {
  readonly limitBytes: number;
  readonly tooLarge: () => AnswerTooLarge;
}

async function readBytes(
  body: Answer["body"],
  { limitBytes, tooLarge }: ByteLimit,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unzipped(bytes: Buffer, { limitBytes, tooLarge }: ByteLimit): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ERR_BUFFER_TOO_LARGE" ? tooLarge() : error;
  }
}

function busyWaitMs(failure: ApiError): number | undefined {
  if (failure.status !== 429 || typeof failure.retry !== "object") return undefined;
  return failure.retry.afterMs <= busyWaitLimitMs ? failure.retry.afterMs : undefined;
}

function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}
