// One request as an outcome: every foreseeable answer of the API server is a value, and no
// exception is thrown for it.

import { OperatorError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Failure, Outcome } from "../../ports.ts";
import { AnswerTooLarge, ApiError } from "./api-error.ts";
import type { Client } from "./client.ts";

type Request = Parameters<Client["request"]>;

export async function attempt<T>(
  client: Client,
  [method, path, options]: Request,
  read: (answer: unknown) => T,
): Promise<Outcome<T>> {
  try {
    return { kind: "ok", value: read(await client.request(method, path, options)) };
  } catch (error) {
    // It would be as large the next time. Of a write nobody knows whether it happened.
    if (method === "GET" && error instanceof AnswerTooLarge) {
      return { kind: "invalid", message: error.message };
    }
    return failureOf(error);
  }
}

const failureKinds: Partial<Record<ErrorCode, Exclude<Failure["kind"], "conflict">>> = {
  K8S_NOT_FOUND: "absent",
  K8S_FORBIDDEN: "forbidden",
  K8S_INVALID: "invalid",
};

function failureOf(error: unknown): Failure {
  if (!(error instanceof OperatorError) || error.code === "INVARIANT_VIOLATED") throw error;
  const guard = error instanceof ApiError ? error.guard : undefined;
  if (guard !== undefined) return { kind: "guarded", message: guard };
  const { code, message } = error;
  if (code === "K8S_CONFLICT") return { kind: "conflict", message, managers: managersOf(error) };
  return { kind: failureKinds[code] ?? "unavailable", message };
}

function managersOf(error: OperatorError): readonly string[] {
  return error instanceof ApiError ? error.managers : [];
}
