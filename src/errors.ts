// One error class with stable codes, so that whoever catches decides by code and retry class, never
// by text. Expected outcomes (a missing secret, a refused login) are values of the ports, not
// errors; what is thrown is a surprise.

/** Stable codes. They appear in logs and metrics and are public API. */
export type ErrorCode =
  | "K8S_UNAVAILABLE" // no answer, connection lost, 5xx, 429
  | "K8S_FORBIDDEN" // 401 or 403
  | "K8S_NOT_FOUND" // 404: the object, or the whole API, is not there
  | "K8S_GONE" // 410: a list or watch must start over
  | "K8S_CONFLICT" // 409
  | "K8S_INVALID" // 400 or 422: what we sent is wrong, sending it again is useless
  | "CONFIG_INVALID"
  | "INVARIANT_VIOLATED";

/** How the one who catches may try again. */
export type Retry = "backoff" | "never" | { readonly afterMs: number };

export class OperatorError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;

  constructor(code: ErrorCode, message: string, options: { retry?: Retry; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "OperatorError";
    this.code = code;
    this.retry = options.retry ?? "backoff";
  }
}

/** Throws INVARIANT_VIOLATED when our own reasoning was wrong; never used on input. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new OperatorError("INVARIANT_VIOLATED", message, { retry: "never" });
}
