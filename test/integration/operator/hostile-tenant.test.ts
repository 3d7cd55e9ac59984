// A namespace whose secrets lead to servers that lie, hang or ask for the password, and whose login
// says what it likes about a shared server. It is told what is wrong; nothing of its password goes
// out; and the policy of another namespace goes on as if it were alone.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { loggedIn, message, request, scram } from "../../fuzz/postgres-grammar.ts";
import { budgetOn, openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { startTcpServer } from "../../support/tcp.ts";
import type { TcpServer } from "../../support/tcp.ts";
import { buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const kubectl = inject("controlPlane");
const env = [{ name: "DB_POOL_MAX_SIZE", value: "5" }];

let postgres: Postgres;
let victim: Fleet;
let tenant: Fleet;
let operator: OperatorProcess;
let budget: number;

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 300 });
  budget = await budgetOn(postgres);
  await postgres.query("CREATE ROLE tenant LOGIN PASSWORD 's3cr3t'");
  await ensureAdmissionWorks(kubectl);
  victim = await openFleet({ kubectl, namespace: "hostile-victim" });
  tenant = await openFleet({ kubectl, namespace: "hostile-tenant" });
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", `${victim.namespace},${tenant.namespace}`],
  });
  await victim.apply(buildWorkload("Deployment", victim.namespace, "web", { replicas: 1, env }));
  await victim.applySecret("web", { uri: postgres.uri() });
  await allowVictim(10);
  await victim.waitForReady("web");
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  for (const fleet of [victim, tenant]) await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

async function allowVictim(max: number): Promise<void> {
  const workloads = [{ name: "web", poolSize: { max } }];
  const stability = { cooldown: "1s", tolerancePercent: 1 };
  await victim.applyPolicy("web", {
    database: { secretRef: { name: "web" } },
    stability,
    workloads,
  });
}

let ceiling = 10;

/** It has its budget, and a larger ceiling is a larger size within seconds. */
async function expectVictimGoesOn(): Promise<void> {
  expect((await operator.get("/livez")).status).toBe(200);
  ceiling += 4;
  await allowVictim(ceiling);
  await victim.waitForPods("web", 1, ceiling);
  expect(read(await victim.statusOf("web"), "budget")).toBe(budget);
}

interface Trap extends TcpServer {
  /** All that was said to it. */
  heard(): string;
}

/** Refuses TLS, and answers whatever else it hears with these bytes. */
async function startTrap(sends: Buffer): Promise<Trap> {
  const heard: string[] = [];
  const server = await startTcpServer((socket) => {
    socket.on("data", (piece: Buffer) => {
      heard.push(piece.toString("latin1"));
      socket.write(piece.length === 8 ? "N" : sends);
    });
  });
  return { ...server, heard: () => heard.join("") };
}

interface Case {
  readonly name: string;
  readonly sends: Buffer;
  readonly user?: string;
  readonly query: string;
  readonly caKey?: string;
  readonly ca?: string;
  readonly wantReason: string;
  readonly says: string;
  /** Not a byte may go out. */
  readonly untouched?: true;
}

const noEnd = Buffer.from("SFATAL");
const wrongUri = {
  sends: request(3),
  wantReason: "InvalidConnectionUri",
  untouched: true,
} as const;
const refused = { wantReason: "AuthenticationFailed" } as const;
const reserved = "options=-c%20rds.rds_superuser_reserved_connections%3D999999";

const cases: readonly Case[] = [
  { name: "gssapi", sends: request(7), query: "", ...refused, says: "asks for GSSAPI" },
  { name: "sspi", sends: request(9), query: "", ...refused, says: "asks for SSPI" },
  {
    name: "notice-without-end",
    ...{ sends: message("N", noEnd), query: "" },
    ...{ wantReason: "QueryFailed", says: "without an end" },
  },
  {
    name: "error-without-end",
    ...{ sends: message("E", noEnd), query: "" },
    ...{ wantReason: "QueryFailed", says: "without an end" },
  },
  {
    name: "key-too-short",
    ...{ sends: Buffer.concat([loggedIn, message("K", Buffer.alloc(1))]), query: "" },
    ...{ wantReason: "QueryFailed", says: "cut short" },
  },
  { name: "clear-text", sends: request(3), query: "", ...refused, says: "in clear text" },
  {
    name: "no-channel-binding",
    ...{ sends: scram, query: "channel_binding=require", ...refused },
    says: "offers no channel binding",
  },
  {
    name: "another-method",
    ...{ sends: request(3), query: "require_auth=scram-sha-256", ...refused },
    says: "require_auth does not allow",
  },
  { name: "options", ...wrongUri, query: reserved, says: "options" },
  { name: "upper-case", ...wrongUri, query: "SSLMODE=verify-full", says: "SSLMODE" },
  { name: "lines", ...wrongUri, user: "x%0D%0ASET%20pwned%201", query: "", says: "control" },
  {
    name: "weak-mode",
    ...wrongUri,
    query: "sslmode=prefer",
    ...{ caKey: "ca", ca: "PEM" },
    says: "sslmode",
  },
  {
    name: "no-ca",
    ...{ ...wrongUri, query: "sslmode=require", caKey: "ca" },
    ...{ wantReason: "SecretKeyMissing", says: "has no key ca" },
  },
];

describe("a policy with a hostile server or a secret that asks too little", () => {
  it.each(cases)("$name: it is told, and nobody else notices", async (one) => {
    await using trap = await startTrap(one.sends);
    const { name, user = "app", ca } = one;
    const uri = `postgresql://${user}:s3cr3t@127.0.0.1:${trap.port}/app?${one.query}`;
    await tenant.applySecret(name, ca === undefined ? { uri } : { uri, ca });
    await tenant.applyPolicy(name, {
      database: { secretRef: { name, ...(one.caKey !== undefined && { caKey: one.caKey }) } },
      workloads: [{ name: "nothing" }],
    });

    const told = await tenant.waitForCondition(name, "DatabaseReachable", {
      ...{ status: "False", reason: one.wantReason, says: [one.says] },
    });

    expect(told).not.toContain("s3cr3t");
    expect(trap.heard()).not.toMatch(/s3cr3t|pwned/);
    expect(trap.heard() === "").toBe(one.untouched === true);
    expect(JSON.stringify(operator.log())).not.toContain("s3cr3t");
    await expectVictimGoesOn();
    await tenant.kubectl(`delete poolpolicy/${name}`);
  });
});

describe("a login on the server of others", () => {
  const uri = (): string => postgres.uri("tenant", "postgres", "s3cr3t");
  /** The server may show our session with the login of before once more. */
  const untilBudgetIsWhole = (): Promise<void> =>
    waitUntil("the whole budget", async () => {
      return read(await victim.statusOf("web"), "budget") === budget;
    });
  const readings = (): Promise<number> =>
    operator.metric("poolwarden_database_reads_total", { outcome: "read" });

  it("reserves nothing there by what it sets for itself, however often it is new", async () => {
    const setting = "rds.rds_superuser_reserved_connections";
    await postgres.query(`ALTER ROLE tenant SET ${setting} = '999999'`);
    await tenant.applySecret("shared", { uri: uri() });
    await tenant.applyPolicy("shared", {
      ...{ database: { secretRef: { name: "shared" } }, workloads: [{ name: "nothing" }] },
    });
    await tenant.waitForCondition("shared", "DatabaseReachable", { status: "True" });
    for (let edit = 0; edit < 4; edit++) {
      await tenant.applySecret("shared", { uri: `${uri()}?application_name=edit-${edit}` });
      const before = await readings();
      await waitUntil("another reading", async () => (await readings()) > before);
      await untilBudgetIsWhole();
    }
    await expectVictimGoesOn();
  });

  it("has no value of an entry repeated that is no size: it may be a password", async () => {
    const secret = [{ name: "DB_POOL_MAX_SIZE", value: "hunter2-s3cret" }];
    const app = buildWorkload("Deployment", tenant.namespace, "app", { replicas: 1, env: secret });
    await tenant.apply(app);
    await tenant.applyPolicy("shared", {
      database: { secretRef: { name: "shared" } },
      ...{ mode: "Observe", workloads: [{ name: "app" }] },
    });
    let status = "";
    await waitUntil("the finding", async () => {
      status = JSON.stringify(await tenant.statusOf("shared"));
      return status.includes("NotANumber");
    });
    const events = await tenant.kubectl("get events -o json");
    expect(`${status}${events}${JSON.stringify(operator.log())}`).not.toContain("hunter2");
    expect(status).toContain("DB_POOL_MAX_SIZE holds something that is not a number");
  });
});
