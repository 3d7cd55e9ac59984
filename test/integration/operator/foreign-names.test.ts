// Sessions of others on a server that several namespaces use: each is told how many there are, and
// whose they are only as its own login could ask the server itself.
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";

const kubectl = inject("controlPlane");
const namespaces = ["names-monitor", "names-lesser", "names-guest"] as const;

let postgres: Postgres;
let fleets: Readonly<Record<string, Fleet>>;
let operator: OperatorProcess;
const sessions: pg.Client[] = [];

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 100 });
  await postgres.query(
    "CREATE ROLE chief LOGIN PASSWORD 'p'; GRANT pg_monitor TO chief; CREATE ROLE tenant LOGIN PASSWORD 'p';" +
      "CREATE ROLE payroll LOGIN PASSWORD 'p'",
  );
  for (const role of ["payroll", "payroll", "tenant"]) sessions.push(await openSession(role));
  const opened = await Promise.all(
    namespaces.map((namespace) => openFleet({ kubectl, namespace })),
  );
  fleets = Object.fromEntries(opened.map((fleet) => [fleet.namespace, fleet]));
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespaces.join(","), "--database-interval", "2s"],
  });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  for (const fleet of Object.values(fleets)) await fleet[Symbol.asyncDispose]();
  for (const session of sessions) await session.end();
  await postgres.stop();
});

async function openSession(role: string): Promise<pg.Client> {
  const uri = postgres.uri(role, "postgres", "p");
  const client = new pg.Client({ connectionString: uri, application_name: `export-${role}` });
  await client.connect();
  return client;
}

async function addPolicy(namespace: string, database: object): Promise<void> {
  await fleets[namespace]?.applyPolicy("policy", {
    ...{ database, mode: "Observe", workloads: [{ name: "web" }] },
  });
}

/** The status in one text, once all three sessions are counted. */
async function toldTo(namespace: string): Promise<string> {
  let text = "";
  await waitUntil(`the foreign sessions in ${namespace}`, async () => {
    const status = await fleets[namespace]?.statusOf("policy");
    text = JSON.stringify({ ledger: read(status, "ledger"), findings: read(status, "findings") });
    return text.includes("3 foreign sessions") && !text.includes("NotReadYet");
  });
  return text;
}

describe("whose foreign sessions are", () => {
  it("is told to a login with pg_monitor, and to another one as far as it sees them", async () => {
    await fleets["names-monitor"]?.applySecret("db", {
      uri: postgres.uri("chief", "postgres", "p"),
    });
    await addPolicy("names-monitor", { secretRef: { name: "db" } });
    expect(await toldTo("names-monitor")).toContain("export-payroll by payroll from 127.0.0.1 (2)");

    await fleets["names-lesser"]?.applySecret("db", {
      uri: postgres.uri("tenant", "postgres", "p"),
    });
    await addPolicy("names-lesser", { secretRef: { name: "db" } });
    await waitUntil("the lesser login", async () =>
      (await toldTo("names-lesser")).includes("export-tenant by tenant from 127.0.0.1"),
    );
    expect(await toldTo("names-lesser")).toContain(
      "export-payroll by payroll from an address that only pg_monitor sees (2)",
    );
    const asked = new pg.Client({ connectionString: postgres.uri("tenant", "postgres", "p") });
    await asked.connect();
    const shown = await asked.query<object>(
      "SELECT DISTINCT usename, application_name, client_addr FROM pg_stat_activity WHERE usename = 'payroll'",
    );
    await asked.end();
    expect(shown.rows).toEqual([
      { usename: "payroll", application_name: "export-payroll", client_addr: null },
    ]);
  });

  it("is not told to a policy without a login", async () => {
    const address = new URL(postgres.uri()).host;
    await addPolicy("names-guest", { address, maxConnections: 100 });

    const told = await toldTo("names-guest");

    expect(told).not.toMatch(/payroll|export|by tenant|chief|127\.0\.0\.1 \(/);
  });
});
