// What a reader should know of an answer: what of the manifests counted for nothing.

import { expect, test } from "vitest";
import {
  answerOn,
  anAutoscaler,
  aPolicyOn,
  aWorkloadNamed,
  declared,
  manifests,
  planOn,
} from "../../support/plan-setup.ts";

const policy = aPolicyOn(declared);
const web = aWorkloadNamed("web");

function withoutNamespace(text: string): string {
  return text.replace(", namespace: shop", "");
}

test("workloads without a namespace are in another one than the policy", async () => {
  const chart = [withoutNamespace(web), withoutNamespace(aWorkloadNamed("api"))];
  const { code, stdout } = await planOn(manifests(policy, ...chart));
  expect(code).toBe(1);
  expect(stdout).toContain(
    "Note: 2 workloads are in namespace default and policy shop/orders in shop: try -n shop",
  );
  const answer = await answerOn(manifests(policy, ...chart), ["-n", "shop"]);
  expect(answer).toMatchObject({ fits: true, notes: [] });
});

test("a policy without a namespace is in another one than the workloads", async () => {
  const own = withoutNamespace(policy);
  const { stdout } = await planOn(manifests(own, web));
  expect(stdout).toContain(
    "Note: 1 workload is in namespace shop and policy default/orders in default: try -n shop",
  );
  expect(await answerOn(manifests(own, web), ["-n", "shop"])).toMatchObject({ fits: true });
  // Of two namespaces, the one that has what the policy names.
  const named = own.replace(/selector: [^\]]*\]/, "name: web }]");
  const api = aWorkloadNamed("api").replace("namespace: shop", "namespace: crm");
  expect((await answerOn(manifests(named, web, api))).notes.join()).toContain(
    "1 workload is in namespace shop and policy default/orders in default: try -n shop",
  );
  // Where the policy names none, nobody knows which is meant.
  const other = web.replace("namespace: shop", "namespace: crm");
  expect((await answerOn(manifests(own, web, other))).notes).toEqual([
    "2 workloads are in no policy and not counted: shop/Deployment/web, crm/Deployment/web. " +
      "Add an entry for each that connects to one of these servers",
  ]);
});

test("an autoscaler scales what is not there", async () => {
  const { notes } = await answerOn(manifests(policy, web, anAutoscaler("wev", 9)));
  expect(notes).toEqual([
    "HorizontalPodAutoscaler shop/wev scales Deployment shop/wev, which is not among the manifests",
  ]);
});

test.each([
  ["other", "k", "ConfigMap shop/other is not among the manifests: a size may come from it"],
  ["there", "kk", "ConfigMap shop/there has no key kk, which a variable with a size names"],
])("a size comes from %s, key %s", async (name, key, want) => {
  const from = `valueFrom: { configMapKeyRef: { name: ${name}, key: ${key} } }`;
  const env = `[{ name: DB_POOL_MAX_SIZE, ${from} }]`;
  const map =
    "{ apiVersion: v1, kind: ConfigMap, metadata: { name: there, namespace: shop }, data: { k: '33' } }";
  const { notes } = await answerOn(manifests(policy, aWorkloadNamed("web", { env }), map));
  expect(notes).toEqual([want]);
});

test("a server on the operator's own machine needs an entry that a plan does not know", async () => {
  const address = '{ address: "127.0.0.1:5432", maxConnections: 200 }';
  const answer = await answerOn(manifests(aPolicyOn(address), web));
  expect(answer.fits).toBe(true);
  expect(answer.notes).toEqual([
    "127.0.0.1:5432: the operator refuses it without an entry of its own in --allowed-database-hosts",
  ]);
});

test("many notes of one kind are told, and not hundreds", async () => {
  const autoscalers = Array.from({ length: 30 }, (_, index) => anAutoscaler(`a${index}`, 2));
  const { notes } = await answerOn(manifests(policy, web, ...autoscalers));
  expect(notes).toHaveLength(6);
  expect(notes.at(-1)).toBe("and 25 more of these");
});

test("where floors do not fit, no template is said to be missing", async () => {
  const env = "[{ name: DB_POOL_MAX_SIZE, value: '10' }]";
  const tight = aPolicyOn('{ address: "db.shop.svc:5432", maxConnections: 80 }').replace(
    "{ matchLabels: { team: orders } }",
    "{ matchLabels: { team: orders } }, poolSize: { min: 20 }",
  );
  const answer = await answerOn(manifests(tight, aWorkloadNamed("web", { replicas: 3, env })));
  expect(answer.notes).toEqual([]);
  expect(answer.policies[0]?.problems.map(({ reason }) => reason)).toContain("Infeasible");
});

test("servers of Secrets may be one only if they are of one engine", async () => {
  const one = "{ secretRef: { name: orders-db } }";
  const other = aPolicyOn(one.replace("orders-db", "other-db")).replace("orders,", "other,");
  const limit = ["--max-connections", "100"];
  const twice = await planOn(manifests(aPolicyOn(one), other, web), limit);
  expect(twice.stdout).toContain("Secret alone are taken for different ones");
  const pooler = `{ engine: PgBouncer, secretRef: { name: pooler }, serverBehind: ${one} }`;
  const tiers = await planOn(manifests(aPolicyOn(pooler), web), limit);
  expect(tiers.stdout).toContain("stands for the server of Secret shop/pooler");
  expect(tiers.stdout).not.toContain("Secret alone are taken for different ones");
});
