// Answers a fixed set of paths: metrics, probes, health. Plain HTTP without secrets, for the
// cluster's own network; it must answer even when everything else is in trouble, so it relies on
// nothing else.

import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { OperatorError } from "../errors.ts";
import type { Log } from "../ports.ts";
import {
  beginAnswer,
  type ConnectionLimits,
  limitConnections,
  usualLimits,
} from "./http-connections.ts";
import { isMisled } from "./misled-browser.ts";

export interface Page {
  /** HTTP status. */
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Routes = Readonly<Record<string, () => Page | Promise<Page>>>;

export interface HttpServerOptions {
  /** `host:port`, `[::1]:port`, or `:port` for every address. Port 0 takes a free one. */
  readonly address: string;
  /** By path, such as `/metrics`. */
  readonly routes: Routes;
  readonly log: Log;
  readonly limits?: ConnectionLimits;
}

export interface HttpServer {
  /** `host:port` that it listens on. */
  readonly address: string;
  close(): Promise<void>;
}

/** Throws CONFIG_INVALID if the address cannot be used. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void answer(options, request, response);
  });
  // Longer than the usual scrape interval, or each scrape would meet a connection about to close.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  limitConnections(server, options.limits ?? usualLimits);
  await listen(server, options.address);
  return { address: addressOf(server), close: () => closeServer(server) };
}

async function answer(
  { routes, log, limits = usualLimits }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!beginAnswer(request, response, limits)) return;
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const { socket, headers } = request;
  const page = isMisled({ localAddress: socket.localAddress, host: headers.host })
    ? plain(421, "through a forwarded port, open http://127.0.0.1 or http://localhost\n")
    : await choosePage({ routes, log }, request.method ?? "", path);
  const body = bytesOf(page);
  response.writeHead(page.status, {
    "content-type": page.contentType,
    "content-length": body.length,
    ...(page.status === 405 ? { allow: "GET, HEAD" } : {}),
    ...(hasBody(request) ? { connection: "close" } : {}),
    ...page.headers,
  });
  response.end(body);
}

/** Nobody reads it, and to throw away what never ends costs as much as to read it. */
function hasBody({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const { "content-length": length = "0", "transfer-encoding": encoding } = headers;
  return length !== "0" || encoding !== undefined;
}

/** Of pages that are shared: whoever is slow to read one keeps no copy of his own. */
const bytesOfPages = new WeakMap<Page, Buffer>();

function bytesOf(page: Page): Buffer {
  const bytes = bytesOfPages.get(page) ?? Buffer.from(page.body);
  bytesOfPages.set(page, bytes);
  return bytes;
}

async function choosePage(
  { routes, log }: Pick<HttpServerOptions, "routes" | "log">,
  method: string,
  path: string,
): Promise<Page> {
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return plain(404, "not found\n");
  if (method !== "GET" && method !== "HEAD") return plain(405, "only GET and HEAD\n");
  try {
    return await route();
  } catch (error) {
    log.error({ path, error }, "a page could not be made");
    return plain(500, "internal error\n");
  }
}

function plain(status: number, body: string): Page {
  return { status, contentType: "text/plain; charset=utf-8", body };
}

function listen(server: Server, address: string): Promise<void> {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(invalidAddress(`listening on ${address}: ${sayRefusal(cause, address)}`));
    });
    server.listen({ port, ...(host === "" ? {} : { host }) }, resolve);
  });
}

/** Node names the address again. */
function sayRefusal({ message, code }: NodeJS.ErrnoException, address: string): string {
  const said = message.replace(/^listen /, "").replace(` ${address}`, "");
  return code === "EADDRINUSE" ? `${said}; choose another with --listen` : said;
}

function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw invalidAddress(`"${address}" is no address: give host:port, such as 0.0.0.0:8080`);
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

function invalidAddress(message: string): OperatorError {
  return new OperatorError("CONFIG_INVALID", message, { retry: "never" });
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
