// Makes a status fit its own schema: texts are cut, numbers brought within their bounds. A status
// that the API server refuses would take every grant in it along, and nobody would read why.

import { z } from "zod";
import { poolPolicyStatus, type PoolPolicyStatus } from "./poolpolicy-status.ts";

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

/** The status within its limits; what fits already is returned as it is. */
export function fitStatus(status: PoolPolicyStatus): PoolPolicyStatus {
  return fit(status, statusBounds) as PoolPolicyStatus;
}

function fit(value: unknown, bounds: Bounds | undefined): unknown {
  if (bounds === undefined) return value;
  if (typeof value === "string") return cut(value, bounds.maxLength ?? value.length);
  if (typeof value === "number") return clamp(value, bounds);
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, bounds.maxItems ?? value.length);
    return items.map((item) => fit(item, bounds.items));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      fit(inner, bounds.properties?.[key] ?? bounds.additionalProperties),
    ]),
  );
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}

function clamp(value: number, { minimum, maximum }: Bounds): number {
  return Math.min(Math.max(value, minimum ?? value), maximum ?? value);
}
