// Applications behind a real PgBouncer in transaction mode: there are more clients than the pooler
// has connections for. Through adoption, scaling and new versions of both, nobody is refused on
// either tier, and each stays within its limit.
import { afterAll, beforeAll, describe, expect, inject, it, test } from "vitest";
import type { PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import { findPgBouncer, noPgBouncer } from "../../support/pgbouncer.ts";
import { openPoolerFleet, type PoolerFleet, saidBehind } from "../../support/pooler-fleet.ts";

const kubectl = inject("controlPlane");
const program = await findPgBouncer();

const maxConnections = 60;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const onServer = maxConnections - 3 - 10 - 1 - 1;
/** Of so many pods of the pooler, and as many more while they are replaced. */
const poolerShare = (pods: number): number => Math.floor(onServer / (2 * pods));

const maxClients = 80;
// 10 in reserve, and the operator's console.
const onPooler = maxClients - 10 - 1;
const webPods = 6;
const webShare = Math.floor(onPooler / (2 * webPods));

/** Several rollouts, one after the other. */
const timeout = 150_000;

let both: PoolerFleet;

/** Every pod has its size, and the load has filled both tiers. */
async function waitUntilFull(wanted: { poolers: number; webs: number }): Promise<void> {
  const { poolers, webs } = wanted;
  const { fleet, clients } = both;
  for (const name of ["pgbouncer", "web"]) {
    await fleet.kubectl(`rollout status deployment/${name} --timeout=90s`);
  }
  await fleet.waitForPods("pgbouncer", poolers, poolerShare(poolers));
  await fleet.waitForPods("web", webs, webShare);
  await expect.poll(() => clients.now(), { timeout: 60_000 }).toBe(webs * webShare);
}

async function expectWithin(): Promise<void> {
  expect(both.refused).toEqual([]);
  expect(await both.refusedByServer()).toBe(0);
  expect(both.sessions.peak()).toBeLessThanOrEqual(onServer);
  expect(both.clients.peak()).toBeLessThanOrEqual(onPooler);
  await expectBothTiersInOne();
}

/** What the policy of the applications says of the server behind, and of its own. */
async function expectBothTiersInOne(): Promise<void> {
  const { may, open, has } = await saidBehind(both.fleet);
  expect(has).toBe(maxConnections - 3);
  expect(may).toBeGreaterThan(0);
  expect(may).toBeLessThanOrEqual(has);
  expect(open).toBeLessThanOrEqual(may);
  const policy = { policy: "orders" };
  expect(await both.metric("poolwarden_behind_slots", policy)).toBe(has);
  expect(await both.metric("poolwarden_behind_may_open_slots", policy)).toBeGreaterThan(0);
  expect(await both.metric("poolwarden_behind_open_slots", policy)).toBeGreaterThan(0);
  const { ledger = [], findings = [] } = (await both.fleet.statusOf("orders")) as PoolPolicyStatus;
  expect(findings.map(({ reason }) => reason)).not.toContain("ServerBehindTooSmall");
  expect(ledger.at(-1)).toBe(`${maxClients}  max_client_conn`);
}

function describeFleet(): void {
  describe("applications behind PgBouncer, in front of PostgreSQL", () => {
    beforeAll(async () => {
      both = await openPoolerFleet({
        ...{ kubectl, namespace: "pooler-fleet", maxConnections, webPods },
        settings: {
          ...{ POOL_MODE: "transaction", MAX_CLIENT_CONN: String(maxClients) },
          // Less than its share: it is to be replaced as well.
          DEFAULT_POOL_SIZE: "10",
        },
      });
    });

    afterAll(() => both.close());

    it("is adopted, each tier by its own policy", { timeout }, async () => {
      await both.applyPolicies();
      for (const [policy, limit] of [
        ["pooler", `max_connections ${maxConnections} read from`],
        ["orders", `max_client_conn ${maxClients} read from`],
      ] as const) {
        const wish = { status: "True", says: [limit] } as const;
        await both.fleet.waitForCondition(policy, "DatabaseReachable", wish);
      }
      await waitUntilFull({ poolers: 1, webs: 2 });
      await expectWithin();
    });

    it(
      "has more applications: more clients than the pooler has connections for",
      { timeout },
      async () => {
        await both.fleet.kubectl(`scale deployment/web --replicas=${webPods}`);
        await waitUntilFull({ poolers: 1, webs: webPods });
        await expect.poll(() => both.sessions.now(), { timeout: 60_000 }).toBe(poolerShare(1));
        await expectWithin();
      },
    );

    it("has another pod of the pooler, and each has a smaller pool", { timeout }, async () => {
      await both.fleet.kubectl("scale deployment/pgbouncer --replicas=2");
      await waitUntilFull({ poolers: 2, webs: webPods });
      await expectWithin();
    });

    it("is deployed anew, the applications and then the pooler", { timeout }, async () => {
      await both.fleet.kubectl("set env deployment/web VERSION=2");
      await waitUntilFull({ poolers: 2, webs: webPods });
      await both.fleet.kubectl("set env deployment/pgbouncer VERSION=2");
      await waitUntilFull({ poolers: 2, webs: webPods });
      await expectWithin();
    });
  });
}

if (program !== undefined && process.platform === "linux") describeFleet();
else {
  test("applications behind PgBouncer", (context) => {
    const onlyOnLinux = "pods have addresses of their own on Linux alone";
    context.skip(program === undefined, noPgBouncer);
    context.skip(onlyOnLinux);
  });
}
