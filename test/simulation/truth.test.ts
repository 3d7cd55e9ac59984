// What the truth knows of sessions that the server shows: of a lost pod whose address another one
// has, and of operators; and of rollouts: a workload that is asked for no pod has none.

import { expect, test } from "vitest";
import { VirtualClock } from "../support/virtual-clock.ts";
import type { FleetSetup } from "./scenario.ts";
import { Truth } from "./truth.ts";
import { World } from "./world/world.ts";

const server = "db-0.data.svc:5432";
const setup = { servers: [{}], policies: [], workloads: [] } as unknown as FleetSetup;
const operator = { user: "poolwarden", database: "orders", applicationName: "poolwarden" };

test("sessions of a lost pod are ghosts, also where its address and its slots are another pod's", async () => {
  const clock = new VirtualClock();
  // Whoever draws the least gives a free address to the next pod.
  const world = new World({ clock, random: { next: () => 0 } });
  const database = world.addDatabase(server, { maxConnections: 19 });
  database.connect({ ...operator, address: "10.9.0.1" }, 1);
  const web = world.createWorkload({
    ...{ kind: "Deployment", namespace: "shop", name: "web", replicas: 1 },
    ...{ pools: { server }, env: { DB_POOL_MAX_SIZE: "10" } },
  });
  await clock.advance(60_000);
  const lost = [...world.pods()][0];
  world.loseNode(lost?.node ?? "");
  await clock.advance(world.nodeTimes.evictMs + 60_000);
  world.restoreNode(lost?.node ?? "");
  world.scale(web, 2);
  await clock.advance(60_000);

  const { ghostSessions, hiddenGhosts = 0 } = new Truth(world, setup).stateOf(server).server;

  expect([...world.pods()].map(({ address }) => address)).toContain(lost?.address);
  expect({ total: ghostSessions + hiddenGhosts, isAnyHidden: hiddenGhosts > 0 }).toEqual({
    ...{ total: 10, isAnyHidden: true },
  });
});

test.each([
  { operatorRole: "poolwarden", want: { foreignSessions: 1, ghostSessions: 0 } },
  { operatorRole: "app", want: { foreignSessions: 0, ghostSessions: 1 } },
])(
  "a second operator takes from the limit of its role: $operatorRole",
  ({ operatorRole, want }) => {
    const world = new World({ clock: new VirtualClock(), random: { next: () => 0 } });
    const database = world.addDatabase(server);
    for (const address of ["10.9.0.1", "10.9.0.2"]) {
      database.connect({ ...operator, user: operatorRole, address }, 1);
    }
    const fleet = { ...setup, servers: [{ operatorRole }] } as unknown as FleetSetup;
    expect(new Truth(world, fleet).stateOf(server).server).toMatchObject({
      ...want,
      ownSessions: 1,
    });
  },
);

test.each([
  { replicas: 1, want: ["shop/Deployment/web"] },
  { replicas: 0, want: [] },
])("a Recreate rollout whose old pod has yet to go, scaled to $replicas", async (row) => {
  const clock = new VirtualClock();
  const world = new World({ clock, random: { next: () => 0 } });
  world.addDatabase(server, { maxConnections: 100 });
  world.podTimes.stopMs = () => 60_000;
  const common = { kind: "Deployment", namespace: "shop", pools: { server }, replicas: 1 } as const;
  const web = world.createWorkload({ ...common, name: "web", strategy: "Recreate" });
  const api = world.createWorkload({ ...common, name: "api" });
  await clock.advance(20_000);
  world.deploy(web);
  await clock.advance(1_000);
  world.scale(web, row.replicas);
  await clock.advance(1_000);
  expect(new Truth(world, setup).rollingBeside(api)).toEqual(row.want);
});
