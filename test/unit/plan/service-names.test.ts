// One Service has many names. A plan that reads no server goes by the names where the operator goes
// by the server itself; where the operator reads none either, both are told of.

import { describe, expect, test } from "vitest";
import { serviceOf } from "../../../src/plan/service-names.ts";
import { answerOn, aWorkloadNamed, manifests, planOn } from "../../support/plan-setup.ts";

const inShop = { namers: ["shop"], isNamespace: (word: string) => word === "shop" };

test.each([
  ["db:5432", "db.shop.svc:5432"],
  ["db.shop:5432", "db.shop.svc:5432"],
  ["db.shop.svc:5432", "db.shop.svc:5432"],
  ["db.shop.svc.cluster.local:5432", "db.shop.svc:5432"],
  ["db-0.db.shop.svc.cluster.local:5432", "db-0.db.shop.svc:5432"],
  ["db.shop.svc:6432", "db.shop.svc:6432"],
  ["db.internal:5432", "db.internal:5432"],
  ["db.eu.example.com:5432", "db.eu.example.com:5432"],
  ["localhost:5432", "localhost:5432"],
  ["[2001:db8::1]:5432", "[2001:db8::1]:5432"],
  ["10.0.0.1:5432", "10.0.0.1:5432"],
])("%s is %s in namespace shop", (server, want) => {
  expect(serviceOf(server, inShop)).toBe(want);
});

test("a name without a namespace that several namespaces use is no Service of either", () => {
  expect(serviceOf("db:5432", { ...inShop, namers: ["shop", "bank"] })).toBe("db:5432");
});

function aPolicy(name: string, database: string): string {
  return `apiVersion: poolwarden.dev/v1alpha1
kind: PoolPolicy
metadata: { name: ${name}, namespace: shop }
spec:
  database: ${database}
  workloads: [{ kind: Deployment, name: ${name} }]`;
}

function aLogin(name: string, host: string): string {
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name}-db, namespace: shop }
stringData: { uri: "postgresql://${name}:pw@${host}/app" }`;
}

const hosts = {
  web: "db.shop.svc",
  jobs: "DB.shop.svc.cluster.local.",
  api: "db",
  mail: "db.shop:5432",
};
const read = manifests(
  ...Object.entries(hosts).flatMap(([name, host]) => [
    aLogin(name, host),
    aPolicy(name, `{ secretRef: { name: ${name}-db }, maxConnections: 100 }`),
    aWorkloadNamed(name, { replicas: 2 }),
  ]),
);

describe("four names of a server that the operator reads", () => {
  test("are one budget, and the plan comes to rest", async () => {
    const { servers, policies, notes } = await answerOn(read);
    expect(servers.map(({ server }) => server)).toEqual(["db.shop.svc.cluster.local:5432"]);
    expect(servers[0]?.pools).toHaveLength(4);
    expect(servers[0]?.used).toBeLessThanOrEqual(servers[0]?.budget ?? 0);
    const told = policies.flatMap(({ status: { findings = [] } }) => findings);
    const messages = told.map(({ reason, message }) => `${reason}: ${message}`);
    expect(messages).toContain(
      "SameServer: db:5432 and db.shop.svc.cluster.local:5432 are one server (names of one Service): budgeted as one",
    );
    expect(notes.join()).not.toContain("too many");
  });

  test("have the limit that is given for one of them", async () => {
    const { servers } = await answerOn(read, ["--max-connections", "db.shop.svc=60"]);
    expect(servers.map(({ maxConnections }) => maxConnections)).toEqual([60]);
  });
});

test("two names of a server that nobody reads are told of", async () => {
  const [one, other] = ["db.shop.svc:5432", "db.shop.svc.cluster.local:5432"];
  const named = manifests(
    aPolicy("web", `{ address: "${one}", maxConnections: 100 }`),
    aPolicy("jobs", `{ address: "${other}", maxConnections: 100 }`),
    ...["web", "jobs"].map((name) => aWorkloadNamed(name)),
  );
  const { stdout } = await planOn(named);
  expect(stdout).toContain(
    `Note: ${other} and ${one} are names of one Service, and are planned as 2 servers`,
  );
  const { notes } = await answerOn(named.replaceAll(other, "db.bank.svc.cluster.local:5432"));
  expect(notes.join()).not.toContain("one Service");
});
