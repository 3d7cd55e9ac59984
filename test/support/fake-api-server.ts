// A Kubernetes API server reduced to one kind of object (ConfigMaps), that lists, watches and, on
// request, misbehaves. What it does when it behaves is held to the real server's behaviour by
// test/contract/kubernetes; the faults are those that real networks and servers have.

import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** What the next request meets instead of an answer. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  /** The connection is reset before an answer. */
  | { readonly kind: "reset" }
  /** No answer at all. */
  | { readonly kind: "hang" }
  /** An answer of these bytes, whatever was asked. */
  | { readonly kind: "body"; readonly body: string };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly data?: { readonly text: string };
}

interface Change {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: FakeObject;
}

const collection = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/configmaps$/;

export class FakeApiServer {
  readonly requests: SeenRequest[] = [];
  #server: Server = createServer();
  #port = 0;
  #version = 1;
  #uids = 0;
  #forgottenVersion = 0;
  readonly #objects = new Map<string, FakeObject>();
  readonly #history: Change[] = [];
  readonly #watches = new Map<ServerResponse, string | undefined>();
  readonly #faults: Fault[] = [];

  static async start(): Promise<FakeApiServer> {
    const server = new FakeApiServer();
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Watches that are open now. */
  get openWatches(): number {
    return this.#watches.size;
  }

  /** Creates or changes an object, as name or `namespace/name`, with so many bytes of data. */
  put(name: string, bytes = 0): void {
    const key = withNamespace(name);
    const known = this.#objects.get(key);
    const uid = known?.metadata.uid ?? `uid-${++this.#uids}`;
    this.#change(known === undefined ? "ADDED" : "MODIFIED", { key, uid, bytes });
  }

  remove(name: string): void {
    const key = withNamespace(name);
    const uid = this.#objects.get(key)?.metadata.uid ?? "";
    this.#change("DELETED", { key, uid, bytes: 0 });
  }

  /** The next requests, one after the other, meet these faults. */
  failNext(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  /** Tells every watch how far the server is. */
  bookmark(): void {
    const object = { kind: "ConfigMap", metadata: { resourceVersion: String(this.#version) } };
    this.sendRaw(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
  }

  /** Sends these bytes to every watch. */
  sendRaw(bytes: string | Uint8Array): void {
    for (const response of this.#watches.keys()) response.write(bytes);
  }

  endWatches(): void {
    for (const response of this.#watches.keys()) response.end();
  }

  /** The connections of all watches are lost without a word. */
  resetWatches(): void {
    for (const response of this.#watches.keys()) response.socket?.resetAndDestroy();
  }

  /** What happened until now can be neither watched nor continued: 410. */
  forget(): void {
    this.#forgottenVersion = this.#version;
  }

  async listen(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
    await new Promise<void>((resolve) => {
      this.#server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Listens no more until `listen` is called again, then at the same port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    this.#watches.clear();
  }

  #change(
    type: Change["type"],
    { key, uid, bytes }: { readonly key: string; readonly uid: string; readonly bytes: number },
  ): void {
    const [namespace = "", name = ""] = key.split("/");
    const version = ++this.#version;
    const metadata = { name, namespace, uid, resourceVersion: String(version) };
    const object = { metadata, ...(bytes === 0 ? {} : { data: { text: "x".repeat(bytes) } }) };
    if (type === "DELETED") this.#objects.delete(key);
    else this.#objects.set(key, object);
    const change = { version, type, object };
    this.#history.push(change);
    for (const [response, within] of this.#watches) sendChange(response, change, within);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const seen = { method: request.method ?? "", path: pathname, query: searchParams };
    this.requests.push({ ...seen, headers: request.headers });
    const fault = this.#faults.shift();
    const match = collection.exec(pathname);
    if (fault !== undefined) misbehave(fault, response);
    else if (match === null) sendStatus(response, 404, "the server could not find the resource");
    else if (searchParams.has("watch")) this.#watch(response, searchParams, match[1]);
    else this.#list(request, response, { query: searchParams, within: match[1] });
  }

  #list(
    request: IncomingMessage,
    response: ServerResponse,
    { query, within }: { query: URLSearchParams; within: string | undefined },
  ): void {
    const [version, from] = (query.get("continue") ?? `${this.#version}:0`).split(":").map(Number);
    if (version === undefined || from === undefined || version < this.#forgottenVersion) {
      sendStatus(response, 410, "The provided continue parameter is too old");
      return;
    }
    const all = [...this.#objects.values()].filter((object) => isAsked(object, query, within));
    const limit = Number(query.get("limit") ?? all.length);
    const rest = all.length > from + limit ? { continue: `${version}:${from + limit}` } : {};
    const metadata = { resourceVersion: String(version), ...rest };
    const body = JSON.stringify({ metadata, items: all.slice(from, from + limit) });
    const mayZip = request.headers["accept-encoding"] === "gzip";
    response.writeHead(200, mayZip ? { "content-encoding": "gzip" } : {});
    response.end(mayZip ? gzipSync(body) : body);
  }

  #watch(response: ServerResponse, query: URLSearchParams, within: string | undefined): void {
    const from = Number(query.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (from < this.#forgottenVersion) {
      const message = `too old resource version: ${from} (${this.#forgottenVersion})`;
      const object = { kind: "Status", code: 410, reason: "Expired", message };
      response.end(`${JSON.stringify({ type: "ERROR", object })}\n`);
      return;
    }
    this.#watches.set(response, within);
    response.on("close", () => this.#watches.delete(response));
    const missed = this.#history.filter(({ version }) => version > from);
    for (const change of missed) sendChange(response, change, within);
  }
}

function withNamespace(name: string): string {
  return name.includes("/") ? name : `default/${name}`;
}

function isWithin(object: FakeObject, namespace: string | undefined): boolean {
  return namespace === undefined || object.metadata.namespace === namespace;
}

function isAsked(
  object: FakeObject,
  query: URLSearchParams,
  namespace: string | undefined,
): boolean {
  const [, name] = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "") ?? [];
  return isWithin(object, namespace) && (name ?? object.metadata.name) === object.metadata.name;
}

function sendChange(response: ServerResponse, change: Change, within: string | undefined): void {
  const { type, object } = change;
  if (isWithin(object, within)) response.write(`${JSON.stringify({ type, object })}\n`);
}

function misbehave(fault: Fault, response: ServerResponse): void {
  switch (fault.kind) {
    case "status":
      if (fault.retryAfterSeconds !== undefined) {
        response.setHeader("retry-after", String(fault.retryAfterSeconds));
      }
      sendStatus(response, fault.status, `answered with ${fault.status} as asked`);
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
    case "body":
      response.end(fault.body);
  }
}

function sendStatus(response: ServerResponse, code: number, message: string): void {
  response.writeHead(code, { "content-type": "application/json" });
  response.end(JSON.stringify({ kind: "Status", status: "Failure", code, message }));
}
