// A policy that is made anew counts as soon as its secret can be read; until then nobody grows into
// the slots that its pods may take, and nobody is rolled because they look foreign.
import { describe, expect, it } from "vitest";
import type { DatabaseFailure } from "../../src/domain/facts/facts.ts";
import { awaitedPolicies } from "../../src/reconcile/observe/newcomers.ts";
import { heldForReplicas } from "../../src/reconcile/observe/replica-fleets.ts";
import { BoundedHolds, type HoldScene } from "../../src/reconcile/memory/bounded-holds.ts";
import { PolicyBook, type ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { aPolicy } from "../support/builders.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const cut: DatabaseFailure = { reason: "DatabaseUnreachable", message: "reading secret shop/db" };
const missing: DatabaseFailure = { reason: "SecretNotFound", message: "does not exist" };

function at(monotonicMs: number): HoldScene {
  return { server: "db:5432", namespaceQuotas: [], monotonicMs };
}

interface Case {
  readonly name: string;
  readonly namespace?: string;
  readonly seen?: Pick<ResolvedPolicy, "server" | "failure">;
  readonly deleting?: boolean;
  /** It is a policy of the server. */
  readonly member?: Parameters<typeof aPolicy>[1];
  readonly want: boolean;
}

const cases: readonly Case[] = [
  { name: "one that nobody has looked at yet", want: true },
  {
    name: "one whose secret could not be asked for",
    seen: { server: undefined, failure: cut },
    want: true,
  },
  {
    name: "one whose server is known",
    seen: { server: "db:5432", failure: undefined },
    want: false,
  },
  {
    name: "one that lost its secret, on the server where it was in force",
    seen: { server: "db:5432", failure: cut },
    member: { status: { workloads: [], server: "db:5432" } },
    want: false,
  },
  {
    name: "one that was made anew under its name, and its secret could not be asked for since",
    seen: { server: "db:5432", failure: cut },
    member: {},
    want: true,
  },
  {
    name: "the same once its first status says that it counts as held",
    seen: { server: "db:5432", failure: cut },
    member: { status: { workloads: [], server: "db:5432", counted: "AsHeld" } },
    want: true,
  },
  {
    name: "one that observes, and will plan for nothing",
    seen: { server: "db:5432", failure: cut },
    member: { spec: { mode: "Observe" } },
    want: false,
  },
  {
    name: "one whose secret does not exist",
    seen: { server: undefined, failure: missing },
    want: false,
  },
  { name: "one of a namespace that has no policy here", namespace: "other", want: false },
  { name: "one that is being deleted", deleting: true, want: false },
];

describe("growth and rolls wait for a policy beside these", () => {
  it.each(cases)("$name: $want", ({ namespace = "shop", seen, member, deleting = false, want }) => {
    const book = new PolicyBook();
    const key = `${namespace}/new` as const;
    if (seen) {
      book.see(key);
      book.set({ key, namespace, ...seen } as ResolvedPolicy);
    }
    const policies = new Map([[key, { key, namespace, deleting }]]);

    const own = member && aPolicy("new", { failure: seen?.failure, ...member });
    const members = [aPolicy("orders"), ...(own ? [own] : [])];
    const known = { caches: { policies }, book, newcomerHolds: new BoundedHolds() };
    const found = awaitedPolicies(members, known as never, at(0));
    expect(found).toEqual(want ? [{ key, namespace, isHold: true }] : []);
  });
});

it("the first one of each namespace is named, and holds the others for half a minute", () => {
  const keys = ["shop/b", "jobs/new", "shop/a"];
  const policies = new Map(
    keys.map((key) => [key, { key, namespace: key.slice(0, 4), deleting: false }]),
  );
  const book = new PolicyBook();
  const known = { caches: { policies }, book, newcomerHolds: new BoundedHolds() };
  const members = [aPolicy("orders"), aPolicy("batch", { namespace: "jobs" })];
  const holdsAt = (atMs: number): unknown => awaitedPolicies(members, known as never, at(atMs));

  const [jobs, shop] = [
    { key: "jobs/new", namespace: "jobs" },
    { key: "shop/b", namespace: "shop" },
  ];
  expect(holdsAt(0)).toEqual([
    { ...jobs, isHold: true },
    { ...shop, isHold: true },
  ]);
  expect(holdsAt(minuteMs)).toEqual([
    { ...jobs, isHold: false },
    { ...shop, isHold: false },
  ]);
});

it("a policy whose replica was not asked holds others for half a minute, and itself until it is", () => {
  const replicaHolds = new BoundedHolds();
  const failure: DatabaseFailure = { reason: "NotReadYet", message: "db-ro:5432 was not asked" };
  const waiting = aPolicy("orders", { failure: { ...failure, isReplicaUnread: true } });
  const heldAt = (atMs: number): unknown =>
    heldForReplicas(waiting, { replicaHolds }, at(atMs)).failure;
  expect(heldAt(0)).toEqual({ ...failure, isReplicaUnread: true });
  expect(heldAt(minuteMs)).toEqual(failure);
  const bounded = { ...at(20 * minuteMs), namespaceQuotas: [{ namespace: "shop", amount: 10 }] };
  const scene = bounded as unknown as HoldScene;
  expect(heldForReplicas(waiting, { replicaHolds }, scene).failure).toEqual(failure);
});

it("a server is decided about while a policy that was made just now was not looked at", async () => {
  const world = new MemoryWorld();
  world.policy("orders", { workloads: [{ name: "web" }] });
  world.deployment("web", { replicas: 3 });
  await world.pass(minuteMs);
  world.policy("new", { workloads: [{ name: "other" }] });
  world.deployment("web", { replicas: 2 });

  await world.operator.decide();

  expect(world.plan().positions[0]?.workload.replicas).toBe(2);
});
