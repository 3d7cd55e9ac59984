// The limits of a decision on several servers, as one of the servers tells them: its own account
// is that of the server, and other servers are limits beside it, of the pools that connect to both.

import {
  byPolicy,
  type LimitAccount,
  type LimitAccounts,
  type LimitsToTell,
} from "./limit-accounts.ts";
import type { NarrowLimit } from "../supply/limit.ts";
import type { ServerAccount } from "./server-account.ts";

type Narrow = LimitAccount<NarrowLimit>;

export function limitsOn({ snapshot, limit }: ServerAccount, limits: LimitAccounts): LimitsToTell {
  const { server: name } = snapshot;
  const linked = limits.linked(name);
  const server = { ...linked, limit };
  const members = new Set(linked.indexes);
  const narrow = limits.narrow.filter((one) => {
    return one !== linked && one.indexes.some((index) => members.has(index));
  });
  const quotas = new Map(
    narrow.filter((one) => isQuotaOn(name, one)).map((one) => [one.limit.name, one]),
  );
  const ofPolicies = byPolicy(narrow.filter((one) => !isQuotaOn(name, one)));
  const indexAt = (place: number): number => linked.indexes[place] ?? -1;
  return {
    ...{ server, narrow },
    of: (place) => {
      return [server, ...narrow.filter(({ indexes }) => indexes.includes(indexAt(place)))];
    },
    whileRolling: ({ beside = [], ...act }) => {
      const others = beside.map((part) => ({ ...part, index: indexAt(part.index) }));
      return limits.whileRolling({ ...act, index: indexAt(act.index), beside: others });
    },
    ofPolicy: ({ key, namespace }) => [
      ...[quotas.get(namespace)].flatMap((one) => one ?? []),
      ...(ofPolicies.get(key) ?? []),
    ],
    ofNamespace: (namespace) => quotas.get(namespace),
    givenWhileRunning: (place) => limits.givenWhileRunning(indexAt(place)),
  };
}

function isQuotaOn(name: string, { limit }: Narrow): boolean {
  return limit.kind === "namespace" && limit.server === name;
}
