// Sessions that come through address translation: whose they are by their login, and what stays
// foreign. The pods are two of 10 slots each, on two nodes; their policy's role is `app`.

import { describe, expect, test } from "vitest";
import type { DatabaseFacts, PodFacts, SessionGroup } from "../../../src/domain/facts/facts.ts";
import { translatedRolesOf } from "../../../src/domain/supply/login-matching.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import { loginSessionsOf } from "../../../src/domain/supply/login-sessions.ts";
import { circleOf } from "../../../src/domain/supply/login-circles.ts";
import * as build from "../../support/builders.ts";

type Match = "Auto" | "Address" | "Login";

const [nodeA, nodeB, gateway] = ["172.16.0.1", "172.16.0.2", "192.0.2.7"];

function podsOf(more: Partial<PodFacts> = {}): PodFacts[] {
  return [
    ...build.pods(1, { poolSize: 10, addresses: ["10.0.0.1"], nodeAddresses: [nodeA], ...more }),
    ...build.pods(1, { poolSize: 10, addresses: ["10.0.0.2"], nodeAddresses: [nodeB], ...more }),
  ];
}

function from(address: string, count: number, more: Partial<SessionGroup> = {}): SessionGroup {
  return build.sessions(count, { user: "app", applicationName: "web", address, ...more });
}

interface Scene {
  readonly match?: Match;
  readonly shown: readonly SessionGroup[];
  /** Shown 60 s before. */
  readonly before?: readonly SessionGroup[];
  readonly pods?: readonly PodFacts[];
  /** Those that were there when the sessions were read. */
  readonly podsThen?: readonly PodFacts[];
  readonly database?: Partial<DatabaseFacts>;
  readonly quota?: true;
}

function sceneOf(scene: Scene): ReturnType<typeof build.aSnapshot> {
  const { match = "Login", shown, before, pods = podsOf(), podsThen = pods } = scene;
  const fleetSlotsBy = heldBy([build.aWorkload("web", { pods: podsThen })]);
  const readings = [
    ...(before ? [{ agoMs: 60_000, sessions: before }] : []),
    { agoMs: 0, sessions: shown },
  ];
  const sessionSamples = readings.map(({ agoMs, sessions }) => ({
    ...{ atMs: build.startMs - agoMs, sessions, fleetSlotsBy },
  }));
  const fleetAddresses = build.ofFleet("10.0.0.1", "10.0.0.2");
  return build.aSnapshot({
    database: build.aDatabase({ sessionSamples, fleetAddresses, ...scene.database }),
    policies: [build.aPolicy("orders", { role: "app", spec: { sessions: { match } } })],
    workloads: [build.aWorkload("web", { pods: [...pods] })],
    ...(scene.quota && {
      namespaceQuotas: [{ namespace: "*", amount: 50, unit: "percent" as const }],
    }),
  });
}

function found(scene: Scene): readonly number[] {
  const { slots, doubtedSlots, ghostSlots } = foreignSessionsOf(sceneOf(scene));
  return [slots, doubtedSlots, ghostSlots];
}

interface Row extends Scene {
  readonly name: string;
  /** Foreign; in doubt, so that nothing grows into them; of pods that are gone. */
  readonly want: readonly [foreign: number, doubted: number, ghosts: number];
}

const bothNodes = [from(nodeA, 8), from(nodeB, 6)];

describe("sessions of the role from addresses that no pod has, where the policy says Login,", () => {
  test.each<Row>([
    { name: "are the pods' own", shown: bothNodes, want: [0, 0, 0] },
    { name: "also from one gateway", shown: [from(gateway, 20)], want: [0, 0, 0] },
    { name: "also over a unix socket", shown: [from("", 3)], want: [0, 0, 0] },
    {
      name: "are foreign beyond what the pods can hold",
      shown: [from(gateway, 27)],
      want: [7, 0, 0],
    },
    {
      name: "are foreign beyond what the pods do not show at their own addresses",
      shown: [from("10.0.0.1", 10), from(gateway, 14)],
      want: [4, 0, 0],
    },
    {
      name: "are foreign where they log in with another role",
      shown: [from(gateway, 5, { user: "jobs" })],
      want: [5, 0, 0],
    },
    {
      name: "are foreign at an address that another pod has",
      shown: [from("10.0.7.7", 5)],
      database: { addressesOfOthers: new Set(["10.0.7.7"]) },
      want: [5, 0, 0],
    },
    {
      name: "are foreign where an operator opened them",
      shown: [from(gateway, 1, { applicationName: "poolwarden-0a1b2c3d" })],
      want: [1, 0, 0],
    },
    {
      name: "are foreign where a bounded namespace has no login with that role",
      shown: [from(gateway, 5)],
      quota: true,
      database: {
        sights: [
          { namespace: "jobs", role: "app", seesAllSessions: true },
          { namespace: "shop", role: "jobs", seesAllSessions: true },
        ],
      },
      want: [5, 0, 0],
    },
    {
      name: "are the pods' own where a bounded namespace logs in with that role",
      shown: [from(gateway, 5)],
      quota: true,
      database: { sights: [{ namespace: "shop", role: "app", seesAllSessions: true }] },
      want: [0, 0, 0],
    },
    {
      name: "are of pods that are gone beyond what the pods that are there can hold",
      shown: [from(gateway, 16)],
      ...{ pods: podsOf().slice(0, 1), podsThen: podsOf() },
      want: [0, 0, 6],
    },
    {
      name: "are of pods that are gone beyond what the pods of their node can hold",
      shown: [from(nodeA, 3), from(nodeB, 5)],
      ...{ pods: podsOf().slice(0, 1), podsThen: podsOf() },
      want: [0, 0, 5],
    },
    {
      name: "are the pods' own at the address of a node that a pod has as well",
      shown: [from("10.0.0.1", 13)],
      pods: [
        ...build.pods(1, { addresses: ["10.0.0.1"], isOnHostNetwork: true }),
        ...build.pods(1, { addresses: ["10.0.0.2"] }),
      ],
      want: [0, 0, 0],
    },
  ])("$name", ({ want, ...scene }) => {
    expect(found(scene)).toEqual(want);
  });
});

test.each(["Auto", "Address"] as const)(
  "where the policy says %s, all of them are foreign",
  (match) => {
    for (const shown of [bothNodes, [from(gateway, 14)], [from("10.0.0.1", 1), ...bothNodes]]) {
      expect(found({ match, shown })).toEqual([14, 0, 0]);
    }
  },
);

interface Looks extends Scene {
  readonly name: string;
  readonly want: boolean;
}

describe("whether sessions look translated where the policy says Auto:", () => {
  test.each<Looks>([
    { name: "they all come from nodes", shown: bothNodes, want: true },
    { name: "they all come from a gateway", shown: [from(gateway, 14)], want: true },
    { name: "they did within the window", before: [from(gateway, 14)], shown: [], want: true },
    {
      name: "a pod shows one at its own address",
      shown: [from("10.0.0.1", 1), ...bothNodes],
      want: false,
    },
    {
      name: "a pod showed one at its own address within the window",
      ...{ before: [from("10.0.0.1", 1)], shown: bothNodes, want: false },
    },
    { name: "no pod runs that could have opened them", shown: bothNodes, pods: [], want: false },
    {
      name: "no pod has an address, as while all are pending",
      ...{ shown: [from(gateway, 5)], pods: podsOf({ addresses: [] }), want: false },
    },
    { name: "they come over a unix socket", shown: [from("", 3)], want: false },
    { name: "another role's do", shown: [from(gateway, 5, { user: "jobs" })], want: false },
    {
      name: "they come from the address of another pod",
      shown: [from("10.0.7.7", 5)],
      database: { addressesOfOthers: new Set(["10.0.7.7"]) },
      want: false,
    },
    {
      name: "an operator opened them",
      shown: [from(gateway, 1, { applicationName: "poolwarden-0a1b2c3d" })],
      want: false,
    },
    {
      name: "all pods have the address of their node",
      shown: [from("10.0.0.1", 10), from(gateway, 3)],
      ...{ pods: podsOf({ isOnHostNetwork: true }), want: false },
    },
  ])("$name", ({ want, ...scene }) => {
    expect(translatedRolesOf(sceneOf({ match: "Auto", ...scene })).has("app")).toBe(want);
  });

  test("not where the policy says what they are", () => {
    for (const match of ["Login", "Address"] as const) {
      expect(translatedRolesOf(sceneOf({ match, shown: bothNodes })).size).toBe(0);
    }
  });
});

test("what pods on the network of their node can hold is theirs before it is matched by login", () => {
  const agents = build.aWorkload("agents", {
    policy: "shop/agents",
    pods: build.pods(1, { poolSize: 30, addresses: [nodeA], isOnHostNetwork: true }),
  });
  const web = build.aWorkload("web", { pods: podsOf() });
  const workloads = [agents, web];
  const slotsOf = (...shown: readonly SessionGroup[]): number =>
    foreignSessionsOf(
      build.aSnapshot({
        database: build.aDatabase({
          sessionSamples: [
            { atMs: build.startMs, sessions: shown, fleetSlotsBy: heldBy(workloads) },
          ],
          fleetAddresses: build.ofFleet("10.0.0.1", "10.0.0.2", nodeA),
        }),
        policies: [
          build.aPolicy("orders", { role: "app", spec: { sessions: { match: "Login" } } }),
          build.aPolicy("agents", { role: "app", spec: { sessions: { match: "Address" } } }),
        ],
        workloads,
      }),
    ).slots;
  expect(slotsOf(from(nodeA, 30), from(nodeB, 20))).toBe(0);
  expect(slotsOf(from(nodeA, 45), from(nodeB, 10))).toBe(5);
});

test("two policies with the role claim what the pods of both can hold, and no session twice", () => {
  const [podA, podB] = podsOf();
  const web = build.aWorkload("web", { policy: "shop/a", pods: podA ? [podA] : [] });
  const api = build.aWorkload("api", { policy: "shop/b", pods: podB ? [podB] : [] });
  const sample = { atMs: build.startMs, fleetSlotsBy: heldBy([web, api]) };
  const slotsOf = (...matches: Match[]): number => {
    const snapshot = build.aSnapshot({
      database: build.aDatabase({ sessionSamples: [{ ...sample, sessions: [from(gateway, 25)] }] }),
      policies: ["a", "b"].map((name, at) =>
        build.aPolicy(name, { role: "app", spec: { sessions: { match: matches[at] } } }),
      ),
      workloads: [web, api],
    });
    return foreignSessionsOf(snapshot).slots;
  };
  expect(slotsOf("Login", "Login")).toBe(5);
  expect(slotsOf("Login", "Address")).toBe(15);
});

describe("within the CONNECTION LIMIT", () => {
  const slotsWithin = (name: string, database: string): number => {
    const snapshot = sceneOf({ shown: [from(gateway, 12, { database })] });
    const login = { kind: "database", name } as const;
    const circle = circleOf(snapshot, login, "shop");
    return loginSessionsOf(snapshot).within(login, circle).slots;
  };

  test("of the policy's database they are the pods' own", () => {
    expect(slotsWithin("orders", "orders")).toBe(0);
  });

  test("of another database, where the pods do not count, they are foreign", () => {
    expect(slotsWithin("reports", "reports")).toBe(12);
  });
});
