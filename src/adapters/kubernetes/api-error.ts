// Translates what can go wrong with a request into our codes. A message names the request and gives
// the API server's own words; never a body that we sent, nor a header.

import { OperatorError } from "../../errors.ts";
import type { ErrorCode, Retry } from "../../errors.ts";
import { at, list, longest, shortened, text, textOfAnyLength } from "./raw-values.ts";

const messageLimitCharacters = 600;

/** An answer of the API server that is no success. */
export class ApiError extends OperatorError {
  readonly status: number;
  /** metav1.Status reason, such as AlreadyExists or Expired; empty if none was given. */
  readonly reason: string;
  /** Field managers that stand in the way of a server-side apply. */
  readonly managers: readonly string[];
  /** Why a PodDisruptionBudget does not allow an eviction, if that is what was answered. */
  readonly guard: string | undefined;

  constructor(request: string, status: number, answer: { body: unknown; retryAfterMs?: number }) {
    const said = textOfAnyLength(at(answer.body, "message")) ?? `HTTP ${status}`;
    const code = tooLarge.test(said) ? "K8S_INVALID" : codeOf(status);
    super(code, `${request}: ${shortened(said, messageLimitCharacters)}`, {
      retry: retryOf(code, answer.retryAfterMs),
    });
    this.name = "ApiError";
    this.status = status;
    this.reason = text(at(answer.body, "reason"), longest.name) ?? "";
    this.managers = managersIn(answer.body);
    this.guard = guardIn(answer.body);
  }
}

/** The answer has more bytes than are read at once; fewer objects may be asked for. */
export class AnswerTooLarge extends OperatorError {
  constructor(request: string, limitBytes: number) {
    super("K8S_UNAVAILABLE", `${request}: the answer has more than ${limitBytes} bytes`);
    this.name = "AnswerTooLarge";
  }
}

const codes: Readonly<Record<number, ErrorCode>> = {
  400: "K8S_INVALID",
  401: "K8S_FORBIDDEN",
  403: "K8S_FORBIDDEN",
  404: "K8S_NOT_FOUND",
  405: "K8S_INVALID",
  406: "K8S_INVALID",
  409: "K8S_CONFLICT",
  410: "K8S_GONE",
  413: "K8S_INVALID",
  415: "K8S_INVALID",
  422: "K8S_INVALID",
};

/** What etcd says of an object beyond its limit is answered with 500, and never goes away. */
const tooLarge = /etcdserver: request is too large|larger than max/;

function codeOf(status: number): ErrorCode {
  return codes[status] ?? "K8S_UNAVAILABLE";
}

function retryOf(code: ErrorCode, retryAfterMs: number | undefined): Retry {
  if (retryAfterMs !== undefined) return { afterMs: retryAfterMs };
  return code === "K8S_INVALID" ? "never" : "backoff";
}

// A manager has at most 128 characters.
const conflicting = /conflict with "([^"]{1,128})"/;
const managersKept = 40;

// Causes read: conflict with "helm" using apps/v1
function managersIn(body: unknown): readonly string[] {
  const managers = list(at(body, "details", "causes"))
    .filter((cause) => at(cause, "reason") === "FieldManagerConflict")
    .map((cause) => conflicting.exec(textOfAnyLength(at(cause, "message")) ?? "")?.[1]);
  return [...new Set(managers.filter((manager) => manager !== undefined))].slice(0, managersKept);
}

// A server that is busy answers 429 as well; a budget's refusal says which budget among its causes.
// A pod with several budgets cannot be evicted at all, which is answered with 500.
function guardIn(body: unknown): string | undefined {
  const causes = list(at(body, "details", "causes"));
  const budget = causes.find((cause) => at(cause, "reason") === "DisruptionBudget");
  const said = textOfAnyLength(at(budget ?? body, "message"));
  if (budget === undefined && !said?.includes("more than one PodDisruptionBudget"))
    return undefined;
  return shortened(said ?? "a PodDisruptionBudget forbids it", messageLimitCharacters);
}

/** A request that got no answer: refused, reset, timed out, an unknown certificate. */
export function unavailable(request: string, cause: unknown): OperatorError {
  if (cause instanceof OperatorError) return cause;
  return new OperatorError("K8S_UNAVAILABLE", `${request}: ${describe(cause)}`, { cause });
}

function describe(error: unknown): string {
  // Node tries several addresses at once; the message of their common error is empty.
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  if (error.name === "AbortError") return "stopped before the answer came";
  const code = text(at(error, "code"), longest.name);
  return code === undefined || error.message.includes(code)
    ? error.message
    : `${error.message} (${code})`;
}

/** Retry-After in seconds (0 to 300), as milliseconds; undefined if there is none. */
export function parseRetryAfter(header: unknown): number | undefined {
  const seconds = typeof header === "string" ? Number(header) : Number.NaN;
  return seconds >= 0 ? Math.min(seconds, 300) * 1000 : undefined;
}
