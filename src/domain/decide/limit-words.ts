// What is said of limits: whose each is, how large, and what its members need of it.

import type { NarrowLimit } from "../supply/limit.ts";
import { sayQuota } from "../supply/quota-settings.ts";
import { sayCount } from "../words/say-count.ts";
import type { AccountWhile, LimitAccount } from "./limit-accounts.ts";

/** `namespace shop may use up to 60 slots, its limit is 74 slots (40% of 187 by …)` */
export function sayAccount({ limit, exposure }: LimitAccount<NarrowLimit>): string {
  const slots = sayCount(exposure.slots, "slot");
  return `${sayWhose(limit)} may use up to ${slots}, its limit is ${sayLimitSlots(limit)}`;
}

/** Limits that are named; beyond that, those that do not hold first. */
const accountsMax = 3;

/** What `sayAccount` says of each, the first few of many. */
export function sayAccounts(accounts: readonly LimitAccount<NarrowLimit>[]): string[] {
  const more = accounts.length - accountsMax;
  if (more <= 0) return accounts.map(sayAccount);
  const isOver = ({ limit, exposure }: LimitAccount): boolean => exposure.slots > limit.slots;
  const [over, within] = [accounts.filter(isOver), accounts.filter((one) => !isOver(one))];
  const told = [...over, ...within].slice(0, accountsMax).map(sayAccount);
  return [...told, `and ${sayCount(more, "more limit")}`];
}

/** `need 210 slots in all, the budget is 187`, or `… the limit of namespace shop is 74`. */
export function sayNeed({ account: { limit }, slots }: AccountWhile): string {
  const bound = limit.kind === "server" ? "budget" : `limit of ${sayWhose(limit)}`;
  return `need ${sayCount(slots, "slot")} in all, the ${bound} is ${limit.slots}`;
}

/** `namespace shop`, or `role shop_app`. */
export function sayWhose({ kind, name, server }: NarrowLimit): string {
  const on = server === undefined ? "" : ` on ${server}`;
  if (kind === "namespace") return `namespace ${name}${on}`;
  return kind === "login" ? `${name}${on}` : `server ${name}`;
}

/** `74 slots (40% of 187 by --namespace-quotas)` */
export function sayLimitSlots(limit: NarrowLimit): string {
  const slots = sayCount(limit.slots, "slot");
  if (limit.kind === "linked")
    return `${slots} (its capacity, less the reserve, foreign sessions and the operator's session)`;
  if (limit.kind === "login")
    return `${slots} (${limit.by}, less the reserve, foreign sessions and the operator's session)`;
  const { quota, ofSlots } = limit;
  const amount = quota.unit === "percent" ? `${sayQuota(quota)} of ${ofSlots}` : sayQuota(quota);
  return `${slots} (${amount} by --namespace-quotas)`;
}
