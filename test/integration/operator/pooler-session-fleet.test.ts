// Applications behind a real PgBouncer in session mode: a client that works holds a connection to
// the server until it leaves, so the pools of all pods of the pooler are the limit on clients.
// Through adoption, scaling and new versions of both, no client waits for a connection until
// PgBouncer gives it up, nobody is refused, and the servers show each tier within its limit.
import { afterAll, beforeAll, describe, expect, inject, it, test } from "vitest";
import { findPgBouncer, noPgBouncer } from "../../support/pgbouncer.ts";
import { openPoolerFleet, type PoolerFleet, saidBehind } from "../../support/pooler-fleet.ts";

const kubectl = inject("controlPlane");
const program = await findPgBouncer();

const maxConnections = 200;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const onServer = maxConnections - 3 - 10 - 1 - 1;
const poolerPods = 2;
/** Of each pod of the pooler: as many more pods run while they are replaced. */
const poolerShare = Math.floor(onServer / (2 * poolerPods));

const reserveClients = 4;
const webPods = 4;
// All pods of the pooler listen on one port: one of them is read, and stands for all. The last one
// is the operator's console.
const onPooler = poolerShare - reserveClients - 1;
const webShare = Math.floor(onPooler / (2 * webPods));

/** Several rollouts, one after the other. */
const timeout = 150_000;

let both: PoolerFleet;

async function waitUntilFull(wanted: { poolers: number; webs: number }): Promise<void> {
  const { poolers, webs } = wanted;
  const { fleet, clients, sessions } = both;
  await fleet.waitForPods("pgbouncer", poolers, poolerShare);
  await fleet.waitForPods("web", webs, webShare);
  for (const name of ["pgbouncer", "web"]) {
    await fleet.kubectl(`rollout status deployment/${name} --timeout=90s`);
  }
  const count = webs * webShare;
  await expect.poll(() => clients.now(), { timeout: 60_000 }).toBe(count);
  // Each client that works has a connection of its own.
  await expect.poll(() => sessions.now(), { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
}

async function expectWithin(): Promise<void> {
  expect(both.refused).toEqual([]);
  expect(await both.refusedByServer()).toBe(0);
  expect(both.sessions.peak()).toBeLessThanOrEqual(onServer);
  expect(both.clients.peak()).toBeLessThanOrEqual(onPooler);
  const { may, has } = await saidBehind(both.fleet);
  expect(has).toBe(maxConnections - 3);
  expect(may).toBeLessThanOrEqual(has);
  const says = `pool_size ${poolerShare} of role app on database orders`;
  await expect.poll(() => ledgerText(), { timeout: 30_000 }).toContain(says);
}

async function ledgerText(): Promise<string> {
  const { ledger = [] } = (await both.fleet.statusOf("orders")) as { ledger?: readonly string[] };
  return ledger.join("\n");
}

function describeFleet(): void {
  describe("applications behind PgBouncer in session mode", () => {
    beforeAll(async () => {
      both = await openPoolerFleet({
        ...{ kubectl, namespace: "pooler-session-fleet", maxConnections, webPods, poolerPods },
        settings: {
          ...{ POOL_MODE: "session", MAX_CLIENT_CONN: "200", DEFAULT_POOL_SIZE: "52" },
          // Whoever waits for a connection that long is told, and this test hears it.
          QUERY_WAIT_TIMEOUT: "5",
        },
      });
    });

    afterAll(() => both.close());

    it("is adopted: its clients fit the pool, not only max_client_conn", { timeout }, async () => {
      await both.applyPolicies({ connections: reserveClients });
      await waitUntilFull({ poolers: 1, webs: 2 });
      await expectWithin();
    });

    it("has more applications", { timeout }, async () => {
      await both.fleet.kubectl(`scale deployment/web --replicas=${webPods}`);
      await waitUntilFull({ poolers: 1, webs: webPods });
      await expectWithin();
    });

    it("is deployed anew", { timeout }, async () => {
      await both.fleet.kubectl("set env deployment/web VERSION=2");
      await waitUntilFull({ poolers: 1, webs: webPods });
      expect(both.clients.peak()).toBeGreaterThan(webPods * webShare);
      await expectWithin();
    });

    it(
      "has another pod of the pooler, for which there was room all the time",
      { timeout },
      async () => {
        await both.fleet.kubectl("scale deployment/pgbouncer --replicas=2");
        await waitUntilFull({ poolers: 2, webs: webPods });
        await expectWithin();
      },
    );

    it("gets a new version of the pooler", { timeout }, async () => {
      await both.fleet.kubectl("set env deployment/pgbouncer VERSION=2");
      await waitUntilFull({ poolers: 2, webs: webPods });
      await expectWithin();
    });
  });
}

if (program !== undefined && process.platform === "linux") describeFleet();
else {
  test("applications behind PgBouncer in session mode", (context) => {
    const onlyOnLinux = "pods have addresses of their own on Linux alone";
    context.skip(program === undefined, noPgBouncer);
    context.skip(onlyOnLinux);
  });
}
