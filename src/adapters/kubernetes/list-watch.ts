// Lists and watches one kind of object and projects each on arrival, so that no raw object outlives
// its page. Pages keep the event loop free: one of 500 pods parses in some 50 ms, a list of 50,000
// at once took ten seconds. Objects of megabytes each, which anybody may make, come in pages of
// fewer. An event of a large object is not parsed: it says that the object is to be read, and who
// takes it decides when. Knows nothing of retries: the informer decides what an error means.

import { OperatorError } from "../../errors.ts";
import type { ObservedObject } from "../../observed.ts";
import type { Clock, ListWatch, Random, UnreadEvent, WatchEvent } from "../../ports.ts";
import { AnswerTooLarge, ApiError } from "./api-error.ts";
import { splitLines } from "./byte-lines.ts";
import type { Client, Query } from "./client.ts";
import { headingOf } from "./event-heading.ts";
import { identify, namespaceAndName } from "./identity.ts";
import type { Projection } from "./project.ts";
import { at, list, textOfAnyLength } from "./raw-values.ts";
import { collectionPath, resourceOf } from "./resources.ts";

const pageObjects = 500;
/** Parsed in one turn, in some 150 ms. */
const pageLimitBytes = 6 * 1024 * 1024;
const listTimeoutMs = 60_000;
/** Larger events are not parsed as they come. Few pods have more than 20 KiB. */
export const parsedEventBytes = 32 * 1024;

export interface ListWatchOptions<T extends ObservedObject> {
  readonly client: Client;
  readonly random: Random;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** One of resources.ts. */
  readonly kind: string;
  /** Undefined: all of them. */
  readonly namespace?: string | undefined;
  /** Only the object of this name. */
  readonly name?: string;
  /** Only objects that carry a label of this name. */
  readonly label?: string;
  readonly project: Projection<T>;
  /** The API server sends metadata alone. Default: false. */
  readonly metadataOnly?: boolean;
  /** Objects per page. Default: 500. */
  readonly pageSize?: number;
}

export function createListWatch<T extends ObservedObject>(
  options: ListWatchOptions<T>,
): ListWatch<T> {
  const path = collectionPath(resourceOf(options.kind), options.namespace);
  return {
    list: (signal) => listPages(options, path, signal),
    watch: (resourceVersion, signal) =>
      watchEvents(options, { path, query: watchQuery(options, resourceVersion) }, signal),
  };
}

type Selection = Pick<
  ListWatchOptions<ObservedObject>,
  "name" | "label" | "random" | "metadataOnly"
>;
type Page<T> = { objects: readonly T[]; resourceVersion: string };

async function* listPages<T extends ObservedObject>(
  options: ListWatchOptions<T>,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Page<T>> {
  const most = options.pageSize ?? pageObjects;
  let position: string | undefined;
  let limit = most;
  do {
    const read = await readPage(options, path, { position, limit, signal });
    const { page } = read;
    limit = Math.min(most, read.limit * 2);
    position = textOfAnyLength(at(page, "metadata", "continue")) || undefined;
    yield {
      objects: list(at(page, "items")).flatMap((item) => options.project(item) ?? []),
      resourceVersion: textOfAnyLength(at(page, "metadata", "resourceVersion")) ?? "",
    };
  } while (position !== undefined);
}

interface PageQuery {
  readonly position: string | undefined;
  /** Objects, at most. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly tellBusy?: (busyMs: number) => void;
}

/** The page from a position on, and how many objects it was to have at most: fewer if too large. */
async function readPage<T extends ObservedObject>(
  options: ListWatchOptions<T>,
  path: string,
  { position, limit, signal, ...telling }: PageQuery,
): Promise<{ readonly page: unknown; readonly limit: number }> {
  const query = listQuery(options, position, limit);
  // An object by itself may be larger than a page.
  const bound = limit === 1 ? {} : { limitBytes: pageLimitBytes };
  const form = acceptOf(options, "List");
  const asked = { query, signal, timeoutMs: listTimeoutMs, ...bound, ...form, ...telling };
  try {
    return { page: await options.client.request("GET", path, asked), limit };
  } catch (error) {
    if (!(error instanceof AnswerTooLarge) || limit === 1) throw error;
    return readPage(options, path, { position, limit: Math.ceil(limit / 8), signal });
  }
}

function acceptOf({ metadataOnly = false }: Selection, form: "" | "List"): { accept?: string } {
  if (!metadataOnly) return {};
  return { accept: `application/json;as=PartialObjectMetadata${form};g=meta.k8s.io;v=v1` };
}

// Without a resourceVersion: with "0" the API server would answer from its cache and ignore the
// limit.
function listQuery(options: Selection, position: string | undefined, limit: number): Query {
  return {
    ...selection(options),
    limit: String(limit),
    ...(position === undefined ? {} : { continue: position }),
  };
}

// The API server ends each watch at a time of its own choosing within this range, so that watches
// that began together (after its restart) do not all come back together.
function watchQuery(options: Selection, resourceVersion: string): Query {
  const timeoutSeconds = 290 + Math.floor(options.random.next() * 301);
  return {
    ...selection(options),
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: String(timeoutSeconds),
    resourceVersion,
  };
}

function selection({ name, label }: Selection): Query {
  return {
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
    ...(label === undefined ? {} : { labelSelector: label }),
  };
}

async function* watchEvents<T extends ObservedObject>(
  options: ListWatchOptions<T>,
  { path, query }: { path: string; query: Query },
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const bytes = await options.client.stream(path, { query, signal, ...acceptOf(options, "") });
  // The server has accepted: a sign of life, though nothing has changed yet.
  yield { type: "bookmark", resourceVersion: query["resourceVersion"] ?? "" };
  try {
    for await (const line of splitLines(bytes)) {
      yield* unparsed(options, line) ?? projectEvent(parse(line), { ...options, path });
    }
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError("K8S_UNAVAILABLE", `watching ${path}: the stream was lost`, {
      cause: error,
    });
  }
}

/** What a large event comes to; undefined for one that has to be parsed. */
function unparsed<T extends ObservedObject>(
  options: ListWatchOptions<T>,
  line: Buffer,
): readonly WatchEvent<T>[] | undefined {
  const heading = line.length > parsedEventBytes ? headingOf(line) : undefined;
  if (heading?.type === "DELETED") return deletion(heading);
  if (heading?.type !== "ADDED" && heading?.type !== "MODIFIED") return undefined;
  const identity = identify(heading);
  if (identity === undefined) return undefined;
  const { key, resourceVersion } = identity;
  const { namespace, name } = namespaceAndName(heading);
  const named = { ...options, name, ...(namespace === "" ? {} : { namespace }) };
  return [{ type: "unread", key, resourceVersion, read: readerOf(named) }];
}

function readerOf<T extends ObservedObject>(options: ListWatchOptions<T>): UnreadEvent<T>["read"] {
  const { clock } = options;
  const path = collectionPath(resourceOf(options.kind), options.namespace);
  return async (signal, tellBusy) => {
    const asked = { position: undefined, limit: 1, signal, tellBusy };
    const { page } = await readPage(options, path, asked);
    const sinceMs = clock.monotonicMs();
    const [object] = list(at(page, "items")).flatMap((item) => options.project(item) ?? []);
    tellBusy(clock.monotonicMs() - sinceMs);
    return object;
  };
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString()) as unknown;
  } catch {
    throw new OperatorError("K8S_UNAVAILABLE", "a watch sent what is no JSON");
  }
}

function projectEvent<T extends ObservedObject>(
  event: unknown,
  { path, project }: { readonly path: string; readonly project: Projection<T> },
): readonly WatchEvent<T>[] {
  const [type, raw] = [at(event, "type"), at(event, "object")];
  if (type === "ERROR") throw streamError(path, raw);
  const reached = { type: "bookmark", resourceVersion: resourceVersionOf(raw) } as const;
  if (type === "ADDED" || type === "MODIFIED") {
    const object = project(raw);
    return object === undefined ? [reached] : [{ type: "set", object }];
  }
  return type === "DELETED" ? deletion(raw) : [reached];
}

function deletion(raw: unknown): readonly WatchEvent<never>[] {
  const reached = { type: "bookmark", resourceVersion: resourceVersionOf(raw) } as const;
  const identity = identify(raw);
  if (identity === undefined) return [reached];
  return [{ type: "delete", key: identity.key, uid: identity.uid }, reached];
}

function resourceVersionOf(raw: unknown): string {
  return textOfAnyLength(at(raw, "metadata", "resourceVersion")) ?? "";
}

// An error within the stream is a metav1.Status; 410 Expired is the usual one.
function streamError(path: string, body: unknown): ApiError {
  const code = at(body, "code");
  return new ApiError(`watching ${path}`, typeof code === "number" ? code : 500, { body });
}
