// Limits of the command line: one that counts for nothing is a typing error, and no answer; and
// where a limit comes from is said as it is.

import { describe, expect, test } from "vitest";
import { FakeDatabase } from "../../support/fake-database.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  declared,
  manifests,
  planOn,
} from "../../support/plan-setup.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const web = aWorkloadNamed("web");
const byAddress = manifests(aPolicyOn(declared), web);
const secret = manifests(aPolicyOn("{ secretRef: { name: orders-db }, role: app }"), web);
const onMysql = "{ secretRef: { name: orders-db }, engine: MySQL }";
const mysql = manifests(aPolicyOn(onMysql), web);
const standIn = "orders-db.shop.secret.invalid";

describe("a limit that counts for nothing is refused", () => {
  test.each([
    {
      name: "a server that no policy means",
      text: byAddress,
      args: ["--max-connections", "db.shop.svcc:5432=150"],
      want: "--max-connections db.shop.svcc:5432=150: no policy is on that server; there is db.shop.svc:5432",
    },
    {
      name: "a role that nobody has",
      text: secret,
      args: ["--max-connections", "200", "--role-limit", "nobody=50"],
      want: "--role-limit nobody=50: no policy is known to log in with that role; there is app: a role is known by",
    },
    {
      name: "reserved connections of MySQL",
      text: mysql,
      args: ["--max-connections", "200", "--reserved-connections", "5"],
      want: `--reserved-connections 5: MySQL keeps no connections from applications; there is ${standIn}:3306`,
    },
    {
      name: "other sessions of a server that is not read",
      text: byAddress,
      args: ["--other-sessions", "9"],
      want: "--other-sessions 9: it counts for no policy: the operator reads no server",
    },
    {
      name: "a role of a server that is not read",
      text: byAddress,
      args: ["--role-limit", "app=9"],
      want: "--role-limit app=9: it counts for no policy",
    },
    {
      name: "reserved connections of a server that is not read",
      text: byAddress,
      args: ["--reserved-connections", "9"],
      want: "--reserved-connections 9: it counts for no policy",
    },
  ])("$name", async ({ text, args, want }) => {
    const { code, stdout, stderr } = await planOn(text, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(want);
  });

  test("beside the answer where a policy has none", async () => {
    const args = ["--max-connections", "db.shop.svc:5432=150"];
    const { code, stdout } = await planOn(secret, args);
    expect(code).toBe(2);
    expect(stdout).toContain("its limit is not known");
    expect(stdout).toContain("Note: --max-connections db.shop.svc:5432=150: no policy is on that");
  });
});

test("a server without a port has the port of the policy's engine", async () => {
  const args = ["--max-connections", `${standIn}=150`];
  expect((await answerOn(mysql, args)).servers[0]).toMatchObject({ maxConnections: 150 });
  const address = '{ address: "db.shop.svc:3306", engine: MySQL, maxConnections: 100 }';
  const { servers } = await answerOn(manifests(aPolicyOn(address), web), [
    ...["--max-connections", "db.shop.svc=150"],
  ]);
  expect(servers[0]).toMatchObject({ server: "db.shop.svc:3306", maxConnections: 150 });
});

test("two what-ifs on the same field of one workload contradict each other", async () => {
  const [first, second] = ["replicas=Deployment/web=4", "replicas=shop/Deployment/web=9"];
  const { code, stderr } = await planOn(byAddress, ["--what-if", first, "--what-if", second]);
  expect(code).toBe(2);
  expect(stderr).toContain(`--what-if ${second}: ${first} changes the same: give one of them`);
});

test("a what-if on another namespace says what there is, with its namespace", async () => {
  const { stderr } = await planOn(byAddress, ["--what-if", "replicas=stop/Deployment/web=4"]);
  expect(stderr).toContain("there is no stop/Deployment/web; there are shop/Deployment/web");
});

describe("where a limit comes from", () => {
  test("is the flag where it replaces what a policy declares", async () => {
    const { code, stdout } = await planOn(byAddress, ["--max-connections", "15", "-o", "json"]);
    expect(code).toBe(1);
    expect(stdout).toContain("--max-connections 15");
    expect(stdout).not.toContain("maxConnections of policy");
  });

  test("is the policy where nothing is read, and nowhere where it is not known", async () => {
    const clock = new VirtualClock();
    const database = new FakeDatabase(clock);
    const unread = await answerOn(byAddress, ["--read"], { database });
    expect(unread.servers[0]).toMatchObject({ limitFrom: "as the policies declare" });
    const uri = "postgresql://app:secret@db/orders";
    const { stdout } = await planOn(secret, ["--read", "-o", "json"], { uri, database });
    expect(stdout).toContain('"limitFrom": "not known"');
  });
});

describe("a login that is not known", () => {
  const noDatabase = new FakeDatabase(new VirtualClock());

  test("is looked up nowhere", async () => {
    const { code, stderr } = await planOn(secret, ["--read"], { database: noDatabase, uri: "" });
    expect(code).toBe(2);
    expect(stderr).toContain(
      "--read: Secret shop/orders-db is not among the manifests and POOLWARDEN_DATABASE_URI is not set",
    );
    expect(noDatabase.readings.size).toBe(0);
  });

  test("because the variable holds no URI is the variable's fault", async () => {
    const { code, stderr } = await planOn(manifests(aPolicyOn(bySecret), web), [], {
      uri: "http://u:geheim@db/x",
    });
    expect(code).toBe(2);
    expect(stderr).toContain(
      "POOLWARDEN_DATABASE_URI: the connection URI does not begin with postgresql://, postgres://, mysql://, mariadb://",
    );
    expect(stderr).not.toContain("geheim");
  });
});

test("sessions of others are said without an address that they do not have", async () => {
  const args = ["--max-connections", "100", "--other-sessions", "20"];
  const { stdout } = await planOn(secret, args);
  expect(stdout).toContain("--other-sessions by others");
  expect(stdout).not.toMatch(/ from( \(|$)/m);
});
