// From a policy's secret to its connection: nothing that it names may be missing without a word.
import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/ports.ts";
import { PolicyBook, type ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import {
  type PolicyResolution,
  resolvePolicy,
} from "../../src/reconcile/resolve/resolve-policy.ts";
import { aSource } from "../support/builders.ts";
import { MemoryWorld } from "../support/memory-world/world.ts";
import { aResolvedPolicy } from "../support/two-names.ts";

interface Given {
  readonly before?: ResolvedPolicy;
  readonly role?: string;
  readonly book?: PolicyBook;
}

async function resolve(
  data: Readonly<Record<string, string>>,
  { before, role, book }: Given = {},
): Promise<PolicyResolution> {
  const world = new MemoryWorld();
  world.cluster.data.set("Secret/shop/db", data);
  const secretRef = { name: "db", key: "uri", caKey: "ca.crt" };
  world.policy("orders", { database: { secretRef, ...(role !== undefined && { role }) } });
  const [policy] = world.stores.policies.values();
  if (!policy) throw new Error("there is no policy");
  return await resolvePolicy(policy, before, { cluster: world.cluster, book });
}

const uri = "postgresql://app:hunter2@db.shop.svc/orders";

it("takes the CA that the policy names", async () => {
  const resolution = await resolve({ uri, "ca.crt": "PEM" });
  expect(resolution).toMatchObject({ policy: { connection: { uri, ca: "PEM" } } });
});

it("reads no CA that is longer than a bundle of all that there are", async () => {
  const resolution = await resolve({ uri, "ca.crt": "x".repeat(262_145) });
  expect(resolution).toMatchObject({
    policy: {
      connection: undefined,
      failure: {
        reason: "TlsRefused",
        message: expect.stringContaining("key ca.crt has 262145 characters") as string,
      },
    },
  });
});

it("says of a secret that is too large to be read what to do", async () => {
  const world = new MemoryWorld();
  world.policy("orders", { database: { secretRef: { name: "db" } } });
  const [policy] = world.stores.policies.values();
  const message = "the answer has more than 524288 bytes";
  const readData = (): Promise<Failure> => Promise.resolve({ kind: "invalid", message });
  const cluster = Object.assign(world.cluster, { readData });
  const resolution = policy && (await resolvePolicy(policy, undefined, { cluster }));
  expect(resolution).toMatchObject({
    policy: {
      failure: {
        reason: "SecretTooLarge",
        message: `secret shop/db cannot be used (${message}): keep the connection in a secret of its own`,
      },
    },
  });
});

it("reads no CA beyond what those of its namespace may have together", async () => {
  const book = new PolicyBook();
  for (const ca of ["a", "b"]) {
    const connection = { uri, ca: ca.repeat(262_144) };
    book.set({ ...aResolvedPolicy(`shop/${ca}`, "db:5432"), namespace: "shop", connection });
  }
  expect(await resolve({ uri, "ca.crt": "x" }, { book })).toMatchObject({
    policy: {
      failure: {
        reason: "TlsRefused",
        message: expect.stringContaining(
          "the CAs of namespace shop may have 524288 together, each counted once: leave only",
        ) as string,
      },
    },
  });
  expect(await resolve({ uri, "ca.crt": "x" }, { book: new PolicyBook() })).toMatchObject({
    policy: { connection: { ca: "x" }, failure: undefined },
  });
});

/** Such a name is made canonical in time that grows with the square of its length. */
const longHost = Array.from({ length: 5_200 }, (_, index) =>
  String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000)),
).join("");
const unusable = "InvalidConnectionUri";

it.each([
  { name: "one of 5,200 characters", hosts: longHost, want: unusable },
  { name: "one among others", hosts: `db,${longHost},db`, want: "HostNotAllowed" },
  { name: "half a million", hosts: "a,".repeat(500_000), want: unusable },
  { name: "a list in a parameter", hosts: `db/?host=${"a,".repeat(500)}`, want: unusable },
  { name: "hostaddr", hosts: `db/orders?hostaddr=${longHost}`, want: "HostNotAllowed" },
])("works on no list of hosts that nobody has: $name", async ({ hosts, want }) => {
  const data = { uri: `postgresql://app:hunter2@${hosts}`, "ca.crt": "PEM" };
  const before = process.threadCpuUsage();
  for (let policies = 0; policies < 4; policies++) await resolve(data);
  const resolution = await resolve(data);
  const { user, system } = process.threadCpuUsage(before);
  expect(resolution).toMatchObject({
    policy: { server: undefined, failure: { reason: want } },
  });
  expect(JSON.stringify(resolution)).not.toContain("hunter2");
  expect((user + system) / 1000).toBeLessThan(200);
});

it.each([
  {
    name: "the CA",
    data: { uri: `${uri}?sslmode=require`, "root-token": "" },
    want: "has no key ca.crt",
  },
  { name: "the URI", data: { "ca.crt": "PEM" }, want: "has no key uri" },
])("makes no connection without $name", async ({ data, want }) => {
  const { kind, ...rest } = await resolve(data);
  expect(kind).toBe("resolved");
  expect(rest).toMatchObject({
    policy: { connection: undefined, failure: { reason: "SecretKeyMissing" } },
  });
  expect(JSON.stringify(rest)).toContain(want);
  expect(JSON.stringify(rest)).not.toContain("root-token");
  expect(JSON.stringify(rest)).not.toContain("hunter2");
});

describe("while its secret cannot be read the role of a policy", () => {
  const before = { role: "of_before", source: aSource } as ResolvedPolicy;
  it.each([
    { name: "is the one that the spec says", given: { role: "of_spec" }, want: "of_spec" },
    { name: "is the one of before", given: { role: "of_spec", before }, want: "of_before" },
    { name: "is not known where nobody says it", given: {}, want: undefined },
  ])("$name", async ({ given, want }) => {
    const { kind, ...rest } = await resolve({}, given);
    expect(kind).toBe("resolved");
    expect(rest).toMatchObject({ policy: { role: want, connection: undefined } });
  });
});

describe("engines", () => {
  const ofEngine = async (database: object, data: object = {}): Promise<PolicyResolution> => {
    const world = new MemoryWorld();
    world.cluster.data.set("Secret/shop/db", { ...data });
    world.policy("orders", { database });
    const [policy] = world.stores.policies.values();
    if (!policy) throw new Error("there is no policy");
    return await resolvePolicy(policy, undefined, { cluster: world.cluster });
  };

  it("the beginning of a URI says it where the policy does not", async () => {
    const data = { uri: "mysql://app:hunter2@db.shop.svc/orders" };
    const resolution = await ofEngine({ secretRef: { name: "db" } }, data);
    expect(resolution).toMatchObject({ policy: { server: "db.shop.svc:3306", role: "app" } });
  });

  it("a URI of another engine than the policy says is told so, and is not used", async () => {
    const data = { uri: "postgresql://app:hunter2@db.shop.svc/orders" };
    const resolution = await ofEngine({ engine: "MySQL", secretRef: { name: "db" } }, data);
    const message =
      "secret db, key uri: the connection URI is a PostgreSQL one, and spec.database.engine is MySQL: correct one of them";
    const failure = { reason: "InvalidConnectionUri", message };
    expect(resolution).toMatchObject({ policy: { connection: undefined, failure } });
  });
});
