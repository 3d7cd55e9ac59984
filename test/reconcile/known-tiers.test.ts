// Which server behind a pooler is known, by whose word: anybody may run a pooler that says any
// name, and a namespace with a quota speaks for itself alone.

import { describe, expect, test } from "vitest";
import { tiersBehind } from "../../src/reconcile/observe/tiers-behind.ts";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { TierBehind } from "../../src/domain/facts/facts.ts";
import type { Replica, ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { parseQuotaSetting } from "../../src/domain/supply/quota-settings.ts";
import { aReading, aSpec } from "../support/builders.ts";

const [pooler, postgres] = ["pooler.shop.svc:6432", "pg.shop.svc:5432"];
const refused = { uri: "postgresql://app:wrong@pg/orders", ca: undefined };
const connection = { uri: "postgresql://app:x@pg/orders", ca: undefined };

interface Said {
  readonly namespace?: string;
  readonly serverBehind?: string;
  readonly maxConnections?: number;
  readonly isRead?: boolean;
  readonly address?: string;
}

function policy({
  namespace = "shop",
  serverBehind,
  maxConnections,
  address,
  isRead = true,
}: Said): ResolvedPolicy {
  const login = isRead ? connection : undefined;
  const said = {
    engine: "PostgreSQL",
    ...(maxConnections !== undefined && { maxConnections }),
    ...(address !== undefined && { address }),
  } as const;
  const replicas: readonly Replica[] =
    serverBehind === undefined
      ? []
      : [
          {
            server: serverBehind,
            connection: login,
            role: "a",
            database: "b",
            said,
            isBehind: true,
          },
        ];
  return {
    ...{ key: `${namespace}/orders`, namespace, spec: aSpec(), failure: undefined },
    ...{ server: pooler, connection, role: "app", database: "orders", replicas },
    source: { uid: "u", generation: 1 },
  };
}

interface Scene {
  readonly standing: readonly ResolvedPolicy[];
  /** Policies on the server behind. */
  readonly there?: readonly ResolvedPolicy[];
  readonly says?: readonly string[];
  readonly quotas?: string;
  /** What the status of each says, as of before a restart. */
  readonly status?: PoolPolicyStatus;
  /** The server behind was not read since. */
  readonly isUnread?: true;
}

/** The servers that are known, and how many slots each has. */
function knownOf(scene: Scene): unknown {
  return tiersOf(scene).map(({ known }) => known && [known.server, known.slots]);
}

/** Which namespaces are told of each. */
function toldOf(scene: Scene): unknown {
  return tiersOf(scene).map(({ known }) => known?.toldTo);
}

function tiersOf({
  standing,
  there = [],
  says = ["10.0.8.1:5432"],
  quotas,
  status,
  isUnread,
}: Scene): readonly TierBehind[] {
  const one = { processes: 1, entries: 1, maySlots: 9, openSlots: 1, isSession: true };
  const behind = says.map((server) => ({ ...one, server }));
  const words = new Map([
    [pooler, aReading({ behind })],
    ...(isUnread ? [] : [[postgres, aReading({ maxConnections: 100 })] as const]),
  ]);
  const policies = standing.map(({ key }) => ({ key, status }));
  const known = {
    book: {
      canonical: (name: string) => name,
      of: (name: string) => (name === postgres ? [...there] : []),
    },
    readings: { wordOf: (name: string) => words.get(name) },
    logins: {
      mayBeTold: (_: string, { connection: one }: Pick<ResolvedPolicy, "connection">) =>
        one !== undefined && one.uri !== refused.uri,
    },
    namespaceQuotas: quotas === undefined ? undefined : quotasOf(quotas),
  };
  return tiersBehind(known, pooler, { standing, policies }).behind ?? [];
}

function quotasOf(text: string): NonNullable<Parameters<typeof tiersBehind>[0]["namespaceQuotas"]> {
  const parsed = parseQuotaSetting(text);
  if ("kind" in parsed) throw new Error(parsed.message);
  return [parsed];
}

const observe = { ...aSpec(), mode: "Observe" } as const;
const named = policy({ serverBehind: postgres });

describe("a server behind a pooler is known", () => {
  test("where a policy names it, whatever the pooler calls it", () => {
    expect(knownOf({ standing: [named] })).toEqual([[postgres, 97]]);
  });

  test("with less, where the policy declares less", () => {
    expect(knownOf({ standing: [policy({ serverBehind: postgres, maxConnections: 50 })] })).toEqual(
      [[postgres, 47]],
    );
  });

  test("where it is declared and nobody reads it", () => {
    const declared = policy({ serverBehind: "x:5432", maxConnections: 50, isRead: false });
    expect(knownOf({ standing: [declared] })).toEqual([["x:5432", 47]]);
  });

  test("by its name alone where there are several", () => {
    const says = ["10.0.8.1:5432", postgres];
    expect(knownOf({ standing: [named], says })).toEqual([undefined, [postgres, 97]]);
  });

  test("by the login of another policy of the same namespace", () => {
    const scene = { standing: [policy({})], says: [postgres] };
    expect(knownOf({ ...scene, there: [policy({})] })).toEqual([[postgres, 97]]);
  });

  test("and not by one of a namespace that has nothing on the pooler", () => {
    const scene = { standing: [policy({ namespace: "liars" })], says: [postgres] };
    expect(knownOf({ ...scene, there: [policy({})] })).toEqual([undefined]);
  });

  test("and not by what a namespace with a quota says of it for others", () => {
    const quotas = "shop=50%";
    expect(knownOf({ standing: [named], quotas })).toEqual([undefined]);
    const declared = policy({ serverBehind: postgres, maxConnections: 1 });
    expect(knownOf({ standing: [declared], quotas, says: [postgres] })).toEqual([[postgres, 97]]);
  });

  test("and not by the word of a policy that only observes, beside one that does more", () => {
    const observing = { ...policy({ serverBehind: postgres, maxConnections: 10 }), spec: observe };
    expect(knownOf({ standing: [named, observing] })).toEqual([[postgres, 97]]);
    expect(knownOf({ standing: [observing] })).toEqual([[postgres, 7]]);
  });

  test("and what was read is told to nobody who only says its name", () => {
    const says = { serverBehind: postgres, maxConnections: 200, isRead: false };
    const standing = [named, policy({ namespace: "liars", ...says })];
    expect(toldOf({ standing })).toEqual([["shop"]]);
  });

  test("and what was read is told to no login that the server refuses", () => {
    const [one = { server: postgres }] = named.replicas ?? [];
    const replicas = [{ ...one, connection: refused }] as typeof named.replicas;
    const standing = [named, { ...named, key: "evil/orders", namespace: "evil", replicas }];
    expect(toldOf({ standing })).toEqual([["shop"]]);
  });

  test("as the stricter of two that policies name, where the pooler has one", () => {
    const unread = policy({ namespace: "b", serverBehind: "x:5432" });
    expect(knownOf({ standing: [named, unread] })).toEqual([[postgres, 97]]);
    const declared = { serverBehind: "x:5432", maxConnections: 50, isRead: false };
    const less = policy({ namespace: "b", ...declared });
    expect(knownOf({ standing: [named, less] })).toEqual([["x:5432", 47]]);
  });
});

describe("after a restart, while nobody can read it, a server behind a pooler is known", () => {
  const status = { behind: [{ server: postgres, maxConnections: 60, slots: 50 }] };
  const scene = { status, isUnread: true } as const;

  test("by what the status says", () => {
    expect(knownOf({ ...scene, standing: [named] })).toEqual([[postgres, 50]]);
    expect(toldOf({ ...scene, standing: [named] })).toEqual([["shop"]]);
  });

  test("also where its secret cannot be used", () => {
    const standing = [policy({ serverBehind: postgres, isRead: false })];
    expect(knownOf({ ...scene, standing })).toEqual([[postgres, 50]]);
  });

  test("with less, where the policy declares less", () => {
    const standing = [policy({ serverBehind: postgres, maxConnections: 20 })];
    expect(knownOf({ ...scene, standing })).toEqual([[postgres, 17]]);
  });

  test("by what is read, once it is", () => {
    expect(knownOf({ status, standing: [named] })).toEqual([[postgres, 97]]);
  });

  test("not where no policy names it any more, or one only declares it", () => {
    expect(knownOf({ ...scene, standing: [policy({})], says: [postgres] })).toEqual([undefined]);
    const address = { serverBehind: postgres, maxConnections: 80, address: postgres };
    const standing = [policy({ ...address, isRead: false })];
    expect(knownOf({ ...scene, standing })).toEqual([[postgres, 77]]);
  });

  test("not by the status of a namespace with a quota", () => {
    const standing = [policy({ serverBehind: postgres })];
    const quotas = "shop=50%";
    expect(knownOf({ ...scene, standing, quotas, says: [postgres] })).toEqual([undefined]);
  });
});
