// Every example as a reader would use it: applied as it stands to a real API server, strictly
// checked, and left to the operator, which must come to Ready with it. A file that is added to
// examples/ is in this test by being there.
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { parseSpec } from "../../src/api/poolpolicy.ts";
import { createRealDatabases } from "../../src/process.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import {
  examplePaths,
  installScaledObjects,
  neededBy,
  objectsIn,
  removeScaledObjects,
  textIn,
} from "../support/examples.ts";
import { openFleet } from "../support/fleet.ts";
import type { Fleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { findMariaDb, noMariaDb, startMariaDb } from "../support/mariadb.ts";
import type { MariaDb } from "../support/mariadb.ts";
import { findRedis, noRedis, startRedis } from "../support/redis.ts";
import type { Redis } from "../support/redis.ts";
import {
  findPgBouncer,
  noPgBouncer,
  type PgBouncer,
  startPgBouncer,
} from "../support/pgbouncer.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { answerOn, manifests } from "../support/plan-setup.ts";

const root = join(import.meta.dirname, "..", "..");
const kubectl = inject("controlPlane");

type Example = {
  readonly path: string;
  readonly objects: readonly KubernetesObject[];
  /** Where those objects go that name no namespace. */
  readonly namespace: string;
};

const examples: readonly Example[] = examplePaths.map((path) => ({
  path,
  objects: objectsIn(path),
  namespace: `example-${basename(path, ".yaml")}`,
}));

/**
 * Pods that were there before the policy, on a plane without the Prometheus operator; two policies
 * that keep different reserves, as one example shows; a pool that somebody else sizes; and a live
 * one, which this operator may not resize.
 */
const usual = [
  ...["StartedUnsized", "RuleNotInstalled", "StricterPolicyWins", "Counted"],
  "CannotBeLive",
];

const fleets: Fleet[] = [];
let postgres: Postgres;
const mariaDbPrograms = await findMariaDb();
let mariaDb: MariaDb | undefined;
const poolerProgram = await findPgBouncer();
let pgBouncer: PgBouncer | undefined;
const redisProgram = await findRedis();
let redis: Redis | undefined;
let operator: OperatorProcess;

beforeAll(async () => {
  // So large that every fleet fits at its ceiling: nobody shrinks for the one that only observes.
  postgres = await startPostgres({ maxConnections: 8_000 });
  await postgres.query("CREATE ROLE orders_app LOGIN");
  mariaDb = mariaDbPrograms && (await startMariaDb(mariaDbPrograms, { maxConnections: 8_000 }));
  await mariaDb?.query("CREATE USER 'orders_app'@'%'");
  if (redisProgram !== undefined) redis = await startRedis(redisProgram, { maxClients: 8_000 });
  if (poolerProgram !== undefined) pgBouncer = await startPooler(poolerProgram);
  await ensureAdmissionWorks(kubectl);
  await installScaledObjects(kubectl);
  for (const example of examples) fleets.push(...(await openFleets(example)));
  const names = fleets.map(({ namespace }) => namespace).join(",");
  const { kubeconfigPath } = kubectl;
  operator = await startOperator({ kubeconfigPath, flags: ["--namespaces", names] });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await Promise.all(fleets.map((fleet) => fleet[Symbol.asyncDispose]()));
  await removeScaledObjects(kubectl);
  await postgres.stop();
  await mariaDb?.stop();
  await redis?.stop();
  await pgBouncer?.stop();
});

function startPooler(program: string): Promise<PgBouncer> {
  const databases = [`orders = host=127.0.0.1 port=${postgres.port}`];
  const settings = { max_client_conn: "1000", pool_mode: "transaction" };
  return startPgBouncer(program, { databases, users: {}, settings });
}

/** A fleet for its own namespace and for each that its objects name. */
async function openFleets({ objects, namespace }: Example): Promise<readonly Fleet[]> {
  const named = objects.flatMap(({ metadata }) => metadata.namespace ?? []);
  const runtime = createInstantRuntime();
  const names = [...new Set([namespace, ...named])];
  return Promise.all(names.map((name) => openFleet({ kubectl, namespace: name, runtime })));
}

function fleetOf(namespace: string): Fleet {
  const fleet = fleets.find((one) => one.namespace === namespace);
  if (fleet === undefined) throw new Error(`no fleet for ${namespace}`);
  return fleet;
}

/** Into the namespace of the example, but for objects that name another. */
async function applyFile(namespace: string, path: string): Promise<void> {
  const isPlaced = objectsIn(path).some(({ metadata }) => metadata.namespace !== undefined);
  const where = isPlaced ? [] : ["-n", namespace];
  const apply = ["apply", "--server-side", "--validate=strict", "-f", join(root, path)];
  expect(await runKubectl(kubectl, [...where, ...apply])).toMatchObject({ code: 0, stderr: "" });
}

function isOf(engine: string, objects: readonly KubernetesObject[]): boolean {
  return objects.some((object) => read(object, "spec", "database", "engine") === engine);
}

function isOfMysql(objects: readonly KubernetesObject[]): boolean {
  return isOf("MySQL", objects);
}

function uriFor(objects: readonly KubernetesObject[]): string {
  const mysqlUri = isOfMysql(objects) ? mariaDb?.uri() : undefined;
  const poolerUri = isOf("PgBouncer", objects) ? pgBouncer?.uri() : undefined;
  const redisUri = isOf("Redis", objects) ? redis?.uri() : undefined;
  return mysqlUri ?? poolerUri ?? redisUri ?? postgres.uri();
}

/** The real server's URI in the place of the placeholder. */
async function applyLogin(
  { rest, namespace }: Fleet,
  objects: readonly KubernetesObject[],
): Promise<void> {
  const apply = async (name: string, uri: string): Promise<void> => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace, name } };
    const applied = await rest.apply({ ...secret, stringData: { uri } }, { force: true });
    expect(applied).toMatchObject({ message: "" });
  };
  await apply(secretIn(objects, "secretRef") ?? "orders-db", uriFor(objects));
  const behind = secretIn(objects, "serverBehind", "secretRef");
  if (behind !== undefined) await apply(behind, postgres.uri());
}

/** Its name, where a policy says one. */
function secretIn(objects: readonly KubernetesObject[], ...path: string[]): string | undefined {
  const names = objects.map((object) => read(object, "spec", "database", ...path, "name"));
  return names.find((one) => typeof one === "string");
}

function sharesIn(status: unknown): readonly string[] {
  return readList(status, "workloads").map(
    (row) => `${String(read(row, "workload"))}=${String(read(row, "wantedPoolSize"))}`,
  );
}

/** The login of an example is a placeholder. */
function withoutSecrets(texts: readonly string[]): string {
  const documents = texts.flatMap((text) => text.split(/^---$/m));
  return manifests(...documents.filter((text) => !/^kind: Secret$/m.test(text)));
}

/** What `poolwarden plan` says of the same files before they are applied. */
async function plannedShares(
  path: string,
  namespace: string,
  { metadata }: KubernetesObject,
): Promise<readonly string[]> {
  const texts = [...neededBy(path), path].map(textIn);
  const database = createRealDatabases({ clock: systemClock, mayConnect: () => true });
  const given = { uri: uriFor(objectsIn(path)), database };
  const args = ["--namespace", namespace, "--read"];
  const { policies } = await answerOn(withoutSecrets(texts), args, given);
  const key = `${metadata.namespace ?? namespace}/${metadata.name ?? ""}`;
  return sharesIn(policies.find(({ policy }) => policy === key)?.status);
}

it("there are examples", () => {
  expect(examples.map(({ path }) => path)).toContain("examples/minimal.yaml");
});

describe.each(examples)("$path", ({ path, objects, namespace }) => {
  const policies = objects.filter(({ kind }) => kind === "PoolPolicy");
  const isWithoutServer = isOfMysql(objects) && mariaDbPrograms === undefined;
  const isWithoutPooler = isOf("PgBouncer", objects) && poolerProgram === undefined;

  it("is accepted by the API server as it stands", async () => {
    for (const needed of neededBy(path)) await applyFile(namespace, needed);

    await applyFile(namespace, path);

    await applyLogin(fleetOf(namespace), objects);
  });

  it.for(policies.map((policy) => ({ name: policy.metadata.name ?? "", policy })))(
    "policy $name is understood, matches a workload and comes to Ready",
    async ({ name, policy }, context) => {
      context.skip(isWithoutServer, noMariaDb);
      context.skip(isWithoutPooler, noPgBouncer);
      context.skip(isOf("Redis", objects) && redisProgram === undefined, noRedis);
      expect(parseSpec(policy["spec"])).toHaveProperty("spec");
      const fleet = fleetOf(policy.metadata.namespace ?? namespace);

      await fleet.waitForReady(name);

      const status = await fleet.statusOf(name);
      const findings = readList(status, "findings").map((one) => read(one, "reason"));
      expect(findings.filter((reason) => !usual.includes(String(reason)))).toEqual([]);
      expect(Number(read(status, "workloadCount"))).toBeGreaterThan(0);
      expect(sharesIn(status)).toEqual(await plannedShares(path, namespace, policy));
    },
  );
});
