// A policy that names a host which is not on the list of --allowed-database-hosts: refused with the
// reason, and no packet is sent: no connection to a port that counts them, no look-up of a name.
// The same process without the list does both, which shows that they would have been seen.
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "allowed-hosts";
const kubectl = inject("controlPlane");
const env = [{ name: "DB_POOL_MAX_SIZE", value: "5" }];
const witness = join(import.meta.dirname, "..", "..", "support", "lookup-witness.ts");
const forbiddenName = "db.forbidden.invalid";

let postgres: Postgres;
let trap: Server;
let connections = 0;
let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 200 });
  trap = await startTrap();
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace });
  operator = await start(`--allowed-database-hosts=localhost:${postgres.port},*.example.invalid`);
  await addWorkload("steady", uriAt(`localhost:${postgres.port}`));
  await fleet.waitForReady("steady");
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  trap.close();
  await postgres.stop();
});

async function startTrap(): Promise<Server> {
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined).destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

async function start(...flags: readonly string[]): Promise<OperatorProcess> {
  return await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace, ...flags],
    environment: { NODE_OPTIONS: `--import=${witness}` },
  });
}

function trapPort(): number {
  return (trap.address() as AddressInfo).port;
}

function uriAt(hosts: string): string {
  return postgres.uri().replace(/@[^/]+/, `@${hosts}`);
}

async function addWorkload(name: string, uri: string): Promise<void> {
  await fleet.apply(buildWorkload("Deployment", namespace, name, { replicas: 1, env }));
  await fleet.applySecret(name, { uri });
  await applyPolicy(name, 10);
}

async function applyPolicy(name: string, max: number): Promise<void> {
  await fleet.applyPolicy(name, {
    database: { secretRef: { name } },
    stability: { cooldown: "1s" },
    workloads: [{ name, poolSize: { max } }],
  });
}

function lookUpsOf(name: string): number {
  return operator.linesWith("looked up", name).length;
}

/** Several readings of the good server later. */
async function waitForReadings(): Promise<void> {
  const sum = "poolwarden_database_read_seconds_count";
  const before = await operator.metric(sum);
  await waitUntil("more readings", async () => (await operator.metric(sum)) >= before + 3, 60_000);
}

describe("a policy that names a forbidden host", () => {
  it.each<{ readonly name: string; readonly hosts: () => string; wantSays: () => string }>([
    {
      name: "port",
      hosts: () => `localhost:${trapPort()}`,
      wantSays: () => `localhost:${trapPort()}`,
    },
    {
      name: "address",
      hosts: () => `127.0.0.1:${trapPort()}`,
      wantSays: () => `127.0.0.1:${trapPort()}`,
    },
    {
      name: "mapped-address",
      hosts: () => `[::ffff:127.0.0.1]:${trapPort()}`,
      wantSays: () => `[::ffff:7f00:1]:${trapPort()}`,
    },
    {
      name: "second-host",
      hosts: () => `localhost:${postgres.port},127.0.0.1:${trapPort()}`,
      wantSays: () => `127.0.0.1:${trapPort()}`,
    },
    { name: "name", hosts: () => `${forbiddenName}:5432`, wantSays: () => `${forbiddenName}:5432` },
  ])("is told so: $name", async ({ name, hosts, wantSays }) => {
    await addWorkload(name, uriAt(hosts()));

    await fleet.waitForCondition(name, "DatabaseReachable", {
      status: "False",
      reason: "HostNotAllowed",
      says: [wantSays(), "--allowed-database-hosts", "it was not contacted"],
    });

    await fleet.waitForPods(name, 1, 5);
    expect(read(await fleet.statusOf(name), "grants")).toBe(undefined);
  });

  it("keeps its sizes where it was a good one before", async () => {
    const grants = read(await fleet.statusOf("steady"), "grants");

    await fleet.applySecret("steady", { uri: uriAt(`127.0.0.1:${trapPort()}`) });

    await fleet.waitForCondition("steady", "Ready", { status: "False", reason: "HostNotAllowed" });
    expect(read(await fleet.statusOf("steady"), "grants")).toEqual(grants);
    await fleet.kubectl("delete pod --all --wait=false");
    await fleet.waitForPods("steady", 1, 10);
  });

  it("has not made the operator send a packet", async () => {
    await waitForReadings();

    expect(connections).toBe(0);
    expect(lookUpsOf(forbiddenName)).toBe(0);
    expect(lookUpsOf("localhost")).toBeGreaterThan(0);
  });

  it("is asked like any other by an operator without the list", async () => {
    await operator.stop();
    operator = await start();

    await fleet.waitForCondition("name", "DatabaseReachable", {
      status: "False",
      reason: "DatabaseUnreachable",
    });
    await waitUntil("connections", () => connections > 0, 60_000);
    expect(lookUpsOf(forbiddenName)).toBeGreaterThan(0);
  });
});
