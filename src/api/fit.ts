// Makes a status fit its own schema: texts are cut, numbers brought within their bounds, and what
// has no value is left out as JSON does, so that what is compared is what the API server stores. A
// status that the API server refuses would take every grant in it along, and nobody would read why.
// One pass, and no text in between: every decision does this for every policy.

import { z } from "zod";
import { poolPolicyStatus, type PoolPolicyStatus } from "./poolpolicy-status.ts";
import { shortenStatus } from "./status-bytes.ts";

interface Bounds {
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Bounds;
  readonly properties?: Readonly<Record<string, Bounds>>;
  readonly additionalProperties?: Bounds;
}

const statusBounds = z.toJSONSchema(poolPolicyStatus, { io: "input" }) as Bounds;

/** The status within its limits; what fits already says the same afterwards. */
export function fitStatus(status: PoolPolicyStatus): PoolPolicyStatus {
  return shortenStatus(fit(status, statusBounds) as PoolPolicyStatus);
}

function fit(value: unknown, bounds: Bounds | undefined): unknown {
  if (typeof value === "string") return cut(plain(value), bounds?.maxLength ?? value.length);
  if (typeof value === "number") return clamp(value, bounds);
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, bounds?.maxItems ?? value.length);
    return items.map((item) => fit(item ?? null, bounds?.items));
  }
  if (typeof value !== "object" || value === null) return value;
  return fitObject(value as Readonly<Record<string, unknown>>, bounds);
}

function fitObject(
  object: Readonly<Record<string, unknown>>,
  bounds: Bounds | undefined,
): Record<string, unknown> {
  const fitted: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const inner = object[key];
    if (inner === undefined) continue;
    fitted[key] = fit(inner, bounds?.properties?.[key] ?? bounds?.additionalProperties);
  }
  return fitted;
}

/** Escapes of a terminal, marks that turn the direction of what follows: nobody's honest text. */
const invisible = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Roles, programs and servers may be called anything; they must not forge what people read. */
function plain(text: string): string {
  return text.replace(invisible, " ");
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}

/** JSON has no word for what is not a finite number. */
function clamp(value: number, { minimum, maximum }: Bounds = {}): number | null {
  if (!Number.isFinite(value)) return null;
  return Math.min(Math.max(value, minimum ?? value), maximum ?? value);
}
