// One Service has many names. A plan that reads no server goes by the names where the operator goes
// by the server itself; where the operator reads none either, both are told of.

import { describe, expect, test } from "vitest";
import { saidByNames, serviceOf } from "../../../src/plan/service-names.ts";
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

describe("what other names say of a name", () => {
  const nowhere = { namers: ["shop"], isNamespace: () => false };

  test.each([
    { name: "a namespace in which no object stands", others: ["db.data.svc:5432"], of: "db.data" },
    { name: "another domain", others: ["db.data.svc.k8s.test:5432"], of: "db.data" },
    { name: "the only domain", others: ["x.y.svc.k8s.test:1"], of: "db.data.svc.k8s.test" },
    {
      name: "the domain beside Services of several clusters",
      others: ["x.y.svc.k8s.test:1", "x.y.svc.clusterset.local:1"],
      of: "db.data.svc.k8s.test",
    },
  ])("$name", ({ others, of }) => {
    const said = saidByNames(others);
    expect(serviceOf(`${of}:5432`, { ...nowhere, said })).toBe("db.data.svc:5432");
  });

  test.each([
    { name: "nothing", others: [], of: "db.data:5432" },
    {
      name: "of two domains, none is known to be the cluster's",
      others: ["x.y.svc.a.test:1", "x.y.svc.b.test:1"],
      of: "db.data.svc.a.test:5432",
    },
    {
      name: "a Service of several clusters is another one",
      others: ["x.y.svc.clusterset.local:1"],
      of: "db.data.svc.clusterset.local:5432",
    },
  ])("$name: it stays what it is", ({ others, of }) => {
    expect(serviceOf(of, { ...nowhere, said: saidByNames(others) })).toBe(of);
  });

  test("in a plan: db.data and db.data.svc are one server, though nothing stands in data", async () => {
    const text = manifests(
      ...Object.entries({ web: "db.data", jobs: "db.data.svc" }).flatMap(([name, host]) => [
        aLogin(name, host),
        aPolicy(name, `{ secretRef: { name: ${name}-db }, maxConnections: 100 }`),
        aWorkloadNamed(name, { replicas: 2 }),
      ]),
    );
    const { servers } = await answerOn(text);
    expect(servers.map(({ server, pools }) => [server, pools.length])).toEqual([
      ["db.data.svc:5432", 2],
    ]);
  });
});
