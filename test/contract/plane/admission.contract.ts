// What a new pod gets from the grants of the policies in its namespace, for every shape of grant
// and template that the admission policy tells apart.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Grant, PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import type { EnvEntry, ObservedPod } from "../../../src/observed.ts";
import { PlaneObserver } from "./observer.ts";
import type { Plane } from "./plane.ts";

interface Row {
  readonly says: string;
  readonly name: string;
  readonly kind?: "Deployment" | "StatefulSet";
  /** Default: enforcing. */
  readonly policy?: keyof typeof policies;
  /** Of the template. */
  readonly env?: readonly EnvEntry[];
  /** Undefined: there is none for it. */
  readonly grant: Partial<Grant> | undefined;
  readonly wantEnv: readonly EnvEntry[];
  readonly wantAnnotation: string | undefined;
}

const workloads = [
  { selector: { matchLabels: { team: "none" } }, env: { maxSize: "ORDERS_POOL_MAX" } },
];
const database = { secretRef: { name: "orders-db" } };
const policies = {
  enforcing: { spec: { database, workloads }, delivery: "Admission" },
  observing: { spec: { database, workloads, mode: "Observe" }, delivery: "Admission" },
  templating: { spec: { database, workloads }, delivery: "Template" },
} as const;

const sized: EnvEntry[] = [
  { name: "DB_POOL_MIN_SIZE", value: "2" },
  { name: "DB_POOL_MAX_SIZE", value: "12" },
];
const level: EnvEntry = { name: "LOG_LEVEL", value: "info" };
const own: EnvEntry = { name: "DB_POOL_MAX_SIZE", value: "50" };
const pool = { kind: "ConfigMap", name: "pool", key: "max" } as const;

/** The pod stays as its template says. */
const untouched = { env: [own, level], wantEnv: [own, level], wantAnnotation: undefined };
/** The pod has the grant of 12. */
const given = { wantEnv: [...sized, level], wantAnnotation: "12" };

function only(name: string, value: string): Partial<Grant> {
  return { env: [{ name, value }] };
}

const rows: readonly Row[] = [
  { says: "an entry that is missing is added", name: "added", env: [level], grant: {}, ...given },
  { says: "a value is replaced", name: "value", env: [own, level], grant: {}, ...given },
  {
    ...{ says: "a reference is replaced", name: "reference", grant: {} },
    env: [level, { name: "DB_POOL_MAX_SIZE", from: pool }],
    ...given,
  },
  {
    ...{ says: "a StatefulSet's pods are sized by its name", name: "stateful" },
    ...{ kind: "StatefulSet", env: [own, level], grant: {} },
    ...given,
  },
  { says: "without a grant nothing happens", name: "nobody", grant: undefined, ...untouched },
  {
    ...{ says: "another container's grant sizes nobody", name: "other-container" },
    grant: { container: "other" },
    ...untouched,
  },
  {
    ...{ says: "a policy that observes sizes nobody", name: "observed", policy: "observing" },
    grant: {},
    ...untouched,
  },
  {
    ...{ says: "a policy that writes templates sizes nobody", name: "templated" },
    ...{ policy: "templating", grant: {} },
    ...untouched,
  },
  {
    ...{ says: "a name that the policy's spec allows is taken", name: "own-name" },
    ...{ env: [level], grant: only("ORDERS_POOL_MAX", "12") },
    ...{ wantEnv: [{ name: "ORDERS_POOL_MAX", value: "12" }, level], wantAnnotation: "12" },
  },
  {
    ...{ says: "a name that nobody allows is not", name: "foreign-name" },
    grant: only("OTHER_POOL_MAX", "12"),
    ...untouched,
  },
  {
    ...{ says: "a name that starts programs is not", name: "dangerous-name" },
    grant: only("LD_PRELOAD", "12"),
    ...untouched,
  },
  {
    ...{ says: "a value that is no number is not", name: "no-number" },
    grant: only("DB_POOL_MAX_SIZE", "12 and more"),
    ...untouched,
  },
  {
    ...{ says: "a setting of a profile is taken with its value", name: "setting" },
    env: [level],
    grant: { env: [...givenEntries(), { name: "DB_ENV", value: "production" }] },
    ...{
      wantEnv: [...sized, { name: "DB_ENV", value: "production" }, level],
      wantAnnotation: "12",
    },
  },
  {
    ...{ says: "a setting with a value of its own is not", name: "other-setting" },
    grant: { env: [...givenEntries(), { name: "DB_ENV", value: "elsewhere" }] },
    ...untouched,
  },
  {
    ...{ says: "a size that no entry says is not", name: "unsaid" },
    grant: { poolSize: 13 },
    ...untouched,
  },
  { says: "nothing is no size", name: "zero", grant: { poolSize: 0 }, ...untouched },
];

export function testAdmission(openPlane: () => Promise<Plane>): void {
  let plane: Plane;
  let observer: PlaneObserver;

  beforeAll(async () => {
    observer = await PlaneObserver.open(openPlane);
    ({ plane } = observer);
    for (const name of Object.keys(policies) as (keyof typeof policies)[]) await publish(name);
    // Each API server hears of the grants a little later.
    await plane.pass(10);
    await Promise.all(
      rows.map(({ name, kind, env }) =>
        plane.create({ name, replicas: 1, ...(kind ? { kind } : {}), ...(env ? { env } : {}) }),
      ),
    );
  });

  afterAll(() => observer.close());

  async function publish(name: keyof typeof policies): Promise<void> {
    const { spec, delivery } = policies[name];
    await plane.createPolicy(name, spec);
    const mine = rows.filter(({ policy = "enforcing" }) => policy === name);
    const grants = mine.flatMap((row) =>
      row.grant ? [[`${row.kind ?? "Deployment"}/${row.name}`, grantOf(row.grant)] as const] : [],
    );
    const status: PoolPolicyStatus = { delivery, grants: Object.fromEntries(grants) };
    const key = `${plane.namespace}/${name}`;
    const outcome = await plane.cluster.writeStatus(key, await versionOf(name), status);
    if (outcome.kind !== "ok") throw new Error(outcome.message);
  }

  async function versionOf(name: string): Promise<string> {
    const source = plane.sources.policies(plane.namespace);
    for await (const page of source.list(new AbortController().signal)) {
      const found = page.objects.find((policy) => policy.name === name);
      if (found) return found.resourceVersion;
    }
    throw new Error(`there is no policy ${name}`);
  }

  test.each(rows)("$says", async ({ name, wantEnv, wantAnnotation }) => {
    await plane.until(`a pod of ${name}`, () => observer.podsOf(name).length > 0);
    const [pod] = observer.podsOf(name);
    expect(pod && envOf(pod)).toEqual(wantEnv);
    expect(pod?.poolSizeAnnotation).toBe(wantAnnotation);
  });
}

function envOf({ containers }: ObservedPod): readonly EnvEntry[] {
  return containers.find(({ name }) => name === "app")?.env ?? [];
}

function givenEntries(): Grant["env"] {
  return sized.map(({ name, value = "" }) => ({ name, value }));
}

function grantOf(more: Partial<Grant>): Grant {
  return { container: "app", poolSize: 12, env: givenEntries(), ...more };
}
