// What the operator's owner lets each namespace have of any one server. Policies of several
// namespaces share a server's budget, and whoever writes a policy sets its weights, floors and
// planned pods himself: without a bound that he cannot set, one tenant takes what others need.

import { sayCount } from "../words/say-count.ts";
import { divideFloor } from "../demand/slots.ts";

export interface QuotaSetting {
  /** `*`: each namespace that has no entry of its own. */
  readonly namespace: string;
  readonly amount: number;
  /** Of the server's budget, or slots. */
  readonly unit: "percent" | "slots";
}

export interface QuotaProblem {
  readonly kind: "problem";
  readonly message: string;
}

const form = "give namespace=percentage or namespace=slots, such as team-a=40%,team-b=50,*=30%";

/** Of a list of them. */
export const namespaceTwice = "a namespace is named twice: give each one quota";

/** What people write, and what to say of it; the first that an unusable entry matches counts. */
const slips: readonly (readonly [RegExp, string])[] = [
  [/\s/, "leave out the blanks"],
  [/=[0-9]+\.[0-9]*%?$/, "the number must be whole"],
  [/=0+%?$/, "the least is 1 or 1%"],
  [/=[0-9]+%$/, "the most is 100%"],
  [/=[0-9]{7,}$/, "the most is 999999"],
  [/^[^=]*[^-a-z0-9*=]/, "a namespace is of lower-case letters, digits and -"],
];

/** Reads one entry, such as `team-a=40%`. Never throws. */
export function parseQuotaSetting(text: string): QuotaSetting | QuotaProblem {
  const match = /^(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)=([0-9]{1,6})(%?)$/.exec(text);
  const amount = Number(match?.[3]);
  const unit = match?.[4] === "%" ? "percent" : "slots";
  const isUsable = match && amount > 0 && (unit === "slots" || amount <= 100);
  if (!isUsable) return problemOf(text);
  return { namespace: match[1] ?? "", amount, unit };
}

function problemOf(text: string): QuotaProblem {
  const slip = slips.find(([pattern]) => pattern.test(text))?.[1];
  const told = slip === undefined ? form : `${slip}; ${form}`;
  return { kind: "problem", message: `${JSON.stringify(text)} is not a valid quota: ${told}` };
}

/** Undefined where the namespace is not bounded. */
export function quotaFor(
  namespace: string,
  shares: readonly QuotaSetting[] = [],
): QuotaSetting | undefined {
  const own = shares.find((share) => share.namespace === namespace);
  return own ?? shares.find((share) => share.namespace === "*");
}

export function isBounded(namespace: string, shares?: readonly QuotaSetting[]): boolean {
  return quotaFor(namespace, shares) !== undefined;
}

/** Never more than the budget; percentages are rounded down. */
export function slotsOfQuota({ amount, unit }: QuotaSetting, budgetSlots: number): number {
  if (unit === "slots") return Math.min(amount, budgetSlots);
  return divideFloor(budgetSlots * amount, 100);
}

/** As people write it: `40%`, or `50 slots`. */
export function sayQuota({ amount, unit }: QuotaSetting): string {
  return unit === "percent" ? `${amount}%` : sayCount(amount, "slot");
}
