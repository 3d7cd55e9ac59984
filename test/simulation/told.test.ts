// Which policies the checkers count as held: those that have never been in force, because one of
// their servers lets nobody in.

import { expect, test } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import type { FleetSetup } from "./scenario.ts";
import { lockedOut } from "./told.ts";
import { Truth } from "./truth.ts";
import { World } from "./world/world.ts";

const [primary, replica] = ["db-0.data.svc:5432", "db-1.data.svc:5432"];

function statusOf(reached: "True" | "False", more: Partial<PoolPolicyStatus>): PoolPolicyStatus {
  const words = { reason: "TooManyConnections", message: "", lastTransitionTime: "" } as const;
  const conditions = [{ type: "DatabaseReachable", status: reached, ...words }] as const;
  return { server: primary, conditions: [...conditions], ...more };
}

test.each<{ readonly name: string; readonly status: PoolPolicyStatus; readonly want: string[] }>([
  {
    name: "its replica lets nobody in, and it was never in force",
    status: statusOf("False", { counted: "AsHeld", replicas: [{ server: replica, used: 9 }] }),
    want: ["shop/policy-0"],
  },
  {
    name: "it was in force: it keeps its place",
    status: statusOf("False", { replicas: [{ server: replica, used: 9 }] }),
    want: [],
  },
  {
    name: "no server of it locks anybody out",
    status: statusOf("False", { counted: "AsHeld" }),
    want: [],
  },
  {
    name: "it is read",
    status: statusOf("True", { counted: "AsHeld", replicas: [{ server: replica, used: 9 }] }),
    want: [],
  },
])("a policy is locked out, or not: $name", ({ status, want }) => {
  const policies = { values: () => [{ key: "shop/policy-0", status }] };
  expect([...lockedOut({ policies }, (server) => server === replica)]).toEqual(want);
});

test("its pods count with what they hold, and nothing beside", async () => {
  const clock = new VirtualClock();
  const world = new World({ clock, random: { next: () => 0 } });
  world.addDatabase(primary, { maxConnections: 100 });
  world.createWorkload({
    ...{ kind: "Deployment", namespace: "shop", name: "service-0", replicas: 2 },
    ...{ pools: { server: primary }, env: { DB_POOL_MAX_SIZE: "10" } },
    labels: { pool: "policy-0" },
  });
  await clock.advance(60_000);
  const policy = { server: 0, reserveConnections: 0, rollouts: 1, cooldownMinutes: 5 };
  const workloads = [{ policy: 0, kind: "Deployment" }];
  const fleet = { servers: [{}], policies: [policy, policy], workloads };
  const truth = new Truth(world, fleet as unknown as FleetSetup);
  const isObserved = (): unknown => truth.stateOf(primary).workloads[0]?.isObserved;
  expect(isObserved()).toBe(false);
  truth.asHeld = new Set(["shop/policy-0"]);
  expect(isObserved()).toBe(true);
});
