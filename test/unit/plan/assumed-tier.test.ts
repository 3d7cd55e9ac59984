// A pooler and the server behind it, as plan knows them: no manifest says in which mode the pooler
// is, so it takes what gives least unless it is told, and what the operator has published where it
// plans over a cluster.

import { describe, expect, test } from "vitest";
import type { LiveFleet } from "../../../src/plan/live-fleet.ts";
import { aFleetOf } from "../../support/plan-fleet.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  manifests,
  planOn,
  sizesIn,
} from "../../support/plan-setup.ts";

const pooler = "orders-pooler.shop.secret.invalid:5432";
const server = "orders-db.shop.secret.invalid:5432";
const web = aWorkloadNamed("web");

function onPooler(behind: string): string {
  const database = "engine: PgBouncer, secretRef: { name: orders-pooler }, maxConnections: 400";
  return aPolicyOn(`{ ${database}${behind} }`);
}

const bySecret = onPooler(
  ", serverBehind: { secretRef: { name: orders-db }, maxConnections: 100 }",
);
const byAddress = onPooler(', serverBehind: { address: "db.shop.svc:5432", maxConnections: 100 }');
const withoutNumber = onPooler(", serverBehind: { secretRef: { name: orders-db } }");

/** 97 less the reserve and the operator's own session, twice 4 pods: 10; 389: the usual ceiling. */
describe("what the server behind has", () => {
  test.each([
    { name: "bounds the clients", text: bySecret, size: 10 },
    { name: "also where it is named by its address", text: byAddress, size: 10 },
    { name: "if session mode is said", text: bySecret, args: ["session"], size: 10 },
    { name: "bounds nobody in transaction mode", text: bySecret, args: ["transaction"], size: 48 },
    { name: "nor in statement mode", text: bySecret, args: ["statement"], size: 48 },
    { name: "nor where nobody names the server", text: onPooler(""), size: 48 },
    { name: "nor where nobody says its number", text: withoutNumber, size: 48 },
  ])("$name", async ({ text, args = [], size }) => {
    const flags = args.flatMap((mode) => ["--pool-mode", mode]);
    const answer = await answerOn(manifests(text, web), flags);
    expect(sizesIn(answer)).toEqual([`Deployment/web=${size}`]);
  });

  test("is what the command line gives it", async () => {
    const given = ["--max-connections", `${server}=60`];
    expect(sizesIn(await answerOn(manifests(withoutNumber, web), given))).toEqual([
      "Deployment/web=5",
    ]);
    const atAddress = ["--max-connections", "db.shop.svc:5432=60"];
    expect(sizesIn(await answerOn(manifests(byAddress, web), atAddress))).toEqual([
      "Deployment/web=5",
    ]);
  });

  test("that does not hold the floors does not fit", async () => {
    const given = ["--max-connections", `${server}=20`];
    const { code, stdout } = await planOn(manifests(withoutNumber, web), given);
    expect(code).toBe(1);
    expect(stdout).toContain("what the server behind has for applications, 17");
  });
});

describe("a note says", () => {
  const mode = `${pooler} is planned in session mode, which is the default of PgBouncer`;

  test.each([
    { name: "that the mode is assumed, and how to give it", text: bySecret, want: mode },
    {
      name: "which limit is missing",
      text: withoutNumber,
      want: `whose limit is not known: give --max-connections ${server}=N`,
    },
    {
      name: "what limits clients besides",
      text: bySecret,
      args: ["--pool-mode", "session"],
      want: `${pooler} is in session mode: each client holds a connection to ${server}, so its clients may be no more than that has. Its pool_size`,
    },
  ])("$name", async ({ text, args = [], want }) => {
    const { notes } = await answerOn(manifests(text, web), args);
    expect(notes.join("\n")).toContain(want);
  });

  test("nothing in transaction mode, and the ledger claims nothing of the pooler", async () => {
    const args = ["--pool-mode", "transaction"];
    const answer = await answerOn(manifests(bySecret, web), args);
    expect(answer.notes.join("\n")).not.toContain("session mode");
    expect(JSON.stringify(await answerOn(manifests(bySecret, web)))).not.toContain("it may open");
  });
});

describe("--pool-mode is refused", () => {
  test.each([
    {
      name: "where no policy has a server behind",
      text: onPooler(""),
      args: [],
      want: "--pool-mode session: no policy with a Secret names a server behind a pooler",
    },
    {
      name: "beside --read",
      text: bySecret,
      args: ["--read"],
      want: "--read with --pool-mode session: --read reads that itself",
    },
  ])("$name", async ({ text, args, want }) => {
    const planned = planOn(manifests(text, web), ["--pool-mode", "session", ...args]);
    const said = await planned.then(({ stderr }) => stderr, String);
    expect(said).toContain(want);
  });

  test("with another word", async () => {
    await expect(planOn(bySecret, ["--pool-mode", "Session"])).rejects.toThrow(
      '--pool-mode "Session": must be one of session, transaction, statement',
    );
  });
});

describe("over a cluster", () => {
  const scaled = web.replace("replicas: 4", "replicas: 8");

  async function fleet(line: string, policy = withoutNumber): Promise<LiveFleet> {
    const running = await aFleetOf(manifests(policy, web), { args: [] });
    const objects = running.objects.map((object) => {
      const status = object.raw["status"] as { ledger?: string[] } | undefined;
      if (!status?.ledger) return object;
      const ledger = [...status.ledger, `     (behind it: ${line})`];
      return { ...object, raw: { ...object.raw, status: { ...status, ledger } } };
    });
    return { ...running, objects };
  }

  const may = "it may open 40 connections to db.shop.svc:5432 (12 open)";
  const session = "; session mode: a client holds one until it leaves";

  test.each([
    {
      name: "a pooler that is in session mode is bound by what is published of the server",
      line: `${may}, which has 57 for applications${session}`,
      size: 2,
    },
    {
      name: "one that is not is bound by its own limit",
      line: `${may}, which has 57 for applications`,
      size: 5,
    },
    {
      name: "a server of which nobody has said how many it has is no limit",
      line: `${may}, whose limit is not known: set database.serverBehind${session}`,
      size: 5,
    },
  ])("$name", async ({ line, size }) => {
    const answer = await answerOn(scaled, ["--against-cluster"], { fleet: await fleet(line) });
    expect(sizesIn(answer)).toEqual([`Deployment/web=${size}`]);
    expect(answer.servers[0]?.ledger.join("\n")).toContain(`(behind it: ${may}`);
    expect(answer.notes.join("\n")).not.toContain("is planned in session mode");
  });

  test("--pool-mode counts before what is published", async () => {
    const running = await fleet(`${may}, which has 57 for applications`);
    const args = ["--against-cluster", "--pool-mode", "session"];
    const answer = await answerOn(scaled, args, { fleet: running });
    expect(sizesIn(answer)).toEqual(["Deployment/web=2"]);
  });
});
