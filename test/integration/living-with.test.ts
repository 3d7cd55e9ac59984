// Our writes and theirs on the same workloads, on a real API server: whoever holds a manifest
// applies it every second while sizes change. With Admission nobody has anything to configure,
// whatever the manifest says; with Template nobody whose manifest leaves the entries out. What is
// to be configured otherwise is shown as the tool would carry it out.
// What happens without that configuration: operator/ownership.test.ts.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { envOf } from "../support/admission.ts";
import type { Fleet } from "../support/fleet.ts";
import { openManagedFleet } from "../support/managed-fleet.ts";
import type { ManagedFleet } from "../support/managed-fleet.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import {
  applyAs,
  clientSide,
  diffAs,
  insist,
  manifestOwners,
  serverSide,
  serverSideByForce,
} from "../support/manifest-owner.ts";
import type { ManifestOwner } from "../support/manifest-owner.ts";
import { waitUntil } from "../support/processes.ts";
import { giveSize } from "../support/sized-alone.ts";
import type { SizedAlone } from "../support/sized-alone.ts";
import { buildWorkload } from "../support/workloads.ts";

// Several go on at once, so each takes as long as all of them on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const namespace = "living-with";
const kubectl = inject("controlPlane");
const other = { name: "OTHER", value: "kept" };
const theirs = { name: "DB_POOL_MAX_SIZE", value: "3" };

let fleet: Fleet;
let managed: ManagedFleet;

beforeAll(async () => {
  managed = await openManagedFleet(kubectl, namespace);
  ({ fleet } = managed);
});

afterAll(async () => {
  await managed[Symbol.asyncDispose]();
});

type Delivery = SizedAlone["delivery"];

async function entriesOf(name: string): Promise<readonly unknown[]> {
  return envOf(read(await fleet.deployment(name), "spec", "template"));
}

async function generationOf(name: string): Promise<number> {
  return Number(read(await fleet.deployment(name), "metadata", "generation"));
}

async function findingsOf(name: string): Promise<readonly unknown[]> {
  const findings = readList(await fleet.statusOf(name), "findings");
  return findings.map((one) => read(one, "reason"));
}

const ways: readonly { readonly delivery: Delivery; readonly env: (typeof theirs)[] }[] = [
  { delivery: "Admission", env: [other, theirs] },
  { delivery: "Template", env: [other] },
];

describe.each(ways)("$delivery, beside somebody who applies every second:", (way) => {
  const { delivery, env } = way;

  it.concurrent.each(manifestOwners)("$tools", async (owner) => {
    const name = `${delivery.toLowerCase()}-${owner.name}`;
    const manifest = buildWorkload("Deployment", namespace, name, { replicas: 2, env });
    expect(await applyAs(kubectl, owner, manifest)).toMatchObject({ code: 0 });
    await giveSize(fleet, { name, delivery, size: 5 });
    const before = await generationOf(name);

    const insisting = insist(kubectl, owner, manifest);
    await giveSize(fleet, { name, delivery, size: 7 });
    await giveSize(fleet, { name, delivery, size: 9 });
    const { syncs, problems } = await insisting.stop();

    expect(problems).toEqual([]);
    expect(syncs).toBeGreaterThan(1);
    // One rollout for each change of the size, and none that the two of us caused.
    expect((await generationOf(name)) - before).toBe(2);
    expect(await entriesOf(name)).toEqual(
      delivery === "Admission" ? env : expect.arrayContaining(env),
    );
    expect(await findingsOf(name)).toEqual([]);
  });
});

/** Names of the environment entries that a manager owns, as metadata.managedFields has it. */
function ownedEntries(live: unknown, manager: string): readonly string[] {
  const path = ["fieldsV1", "f:spec", "f:template", "f:spec", "f:containers", 'k:{"name":"app"}'];
  return readList(live, "metadata", "managedFields")
    .filter((one) => read(one, "manager") === manager)
    .flatMap((one) => Object.keys(Object(read(one, ...path, "f:env")) as object))
    .flatMap((key) => /^k:\{"name":"(.*)"\}$/.exec(key)?.[1] ?? []);
}

/** The manifest with the live values of these entries, as Argo CD makes it of what it ignores. */
function withLive(name: string, live: unknown, ignored: readonly string[]): KubernetesObject {
  const liveEntries = envOf(read(live, "spec", "template"));
  const stated = [other, theirs].filter((one) => !ignored.includes(one.name));
  const taken = liveEntries.filter((one) => ignored.includes(one.name));
  return buildWorkload("Deployment", namespace, name, { replicas: 2, env: [...stated, ...taken] });
}

const envPath = "/spec/template/spec/containers/0/env";

/** The values of a list of this name in the YAML of a page of docs/living-with. */
function settingsIn(page: string, list: string): readonly string[] {
  const path = join(import.meta.dirname, "..", "..", "docs", "living-with", page);
  const blocks = readFileSync(path, "utf8").matchAll(/```yaml\n(.*?)```/gs);
  return [...blocks].flatMap(([, block = ""]) => valuesOf(parse(block), list));
}

function valuesOf(value: unknown, list: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]: [string, unknown]) =>
    name === list ? (child as string[]) : valuesOf(child, list),
  );
}

/** Names of what an expression finds; undefined without jq. */
async function findByJq(expression: string, live: unknown): Promise<string[] | undefined> {
  const options = { env: { ...process.env, LIVE: JSON.stringify(live) } };
  const words = ["-n", `[env.LIVE | fromjson | ${expression} | .name]`];
  try {
    const { stdout } = await promisify(execFile)("jq", words, options);
    return JSON.parse(stdout) as string[];
  } catch (error) {
    if (read(error, "code") === "ENOENT") return undefined;
    throw error;
  }
}

describe("Template, with a manifest that states the entry:", () => {
  async function settled(owner: ManifestOwner, name: string): Promise<KubernetesObject> {
    const parts = { replicas: 2, env: [other, theirs] };
    const manifest = buildWorkload("Deployment", namespace, name, parts);
    expect(await applyAs(kubectl, owner, manifest)).toMatchObject({ code: 0 });
    await giveSize(fleet, { name, delivery: "Template", size: 5 });
    expect((await diffAs(kubectl, owner, manifest)).code).not.toBe(0);
    return manifest;
  }

  it.concurrent.each([
    { owner: clientSide, sync: "its usual sync" },
    { owner: serverSideByForce, sync: "ServerSideApply=true" },
  ])("Argo CD that ignores by manager and respects it, with $sync", async (given) => {
    const { owner } = given;
    const name = `ignored-${owner.name}`;
    await settled(owner, name);

    for (const size of [5, 6]) {
      await giveSize(fleet, { name, delivery: "Template", size });
      const live = await fleet.deployment(name);
      const target = withLive(name, live, ownedEntries(live, "poolwarden"));
      expect(await diffAs(kubectl, owner, target)).toEqual({ code: 0, says: "" });
      expect(await applyAs(kubectl, owner, target)).toMatchObject({ code: 0 });
    }

    expect(await entriesOf(name)).toContainEqual({ ...theirs, value: "6" });
    expect(await findingsOf(name)).not.toContain("RevertedByOther");
  });

  it.concurrent.each([
    { owner: clientSide, name: "taken-out-client-side", wantWrites: 2 },
    { owner: serverSideByForce, name: "taken-out-by-force", wantWrites: 0 },
  ])("the entry is taken out of it: $owner.tools", async ({ owner, name, wantWrites }) => {
    await settled(owner, name);
    const before = await generationOf(name);
    const parts = { replicas: 2, env: [other] };
    const manifest = buildWorkload("Deployment", namespace, name, parts);

    expect(await applyAs(kubectl, owner, manifest)).toMatchObject({ code: 0 });

    // A three-way merge removes what it had written before, whoever owns it too: we write it again.
    await waitUntil("the entry", async () => {
      const entries = await entriesOf(name);
      return entries.some((one) => read(one, "name") === theirs.name && read(one, "value") === "5");
    });
    await fleet.waitForReady(name);
    expect((await generationOf(name)) - before).toBe(wantWrites);
    expect(await diffAs(kubectl, owner, manifest)).toEqual({ code: 0, says: "" });
  });

  it.concurrent("Argo CD with the jqPathExpressions of its page", async ({ skip }) => {
    const [page = ""] = settingsIn("argo-cd.md", "jqPathExpressions");
    const ignored = await findByJq(page, await fleet.deployment("template-by-force"));
    skip(ignored === undefined, "no jq on this machine");

    expect(ignored?.toSorted()).toEqual(["DB_POOL_MAX_SIZE", "DB_POOL_MIN_SIZE"]);
  });

  it.concurrent("Flux with an ignore rule for the entry", async () => {
    const owner = serverSideByForce;
    await settled(owner, "ignored-by-flux");
    const [path = ""] = settingsIn("flux.md", "paths");
    // What is ignored is taken out of the object before it is applied.
    const env = [other, theirs].filter((_, at) => path !== `${envPath}/${at}`);
    const parts = { replicas: 2, env };
    const target = buildWorkload("Deployment", namespace, "ignored-by-flux", parts);

    for (const size of [5, 6]) {
      await giveSize(fleet, { name: "ignored-by-flux", delivery: "Template", size });
      expect(await diffAs(kubectl, owner, target)).toEqual({ code: 0, says: "" });
      expect(await applyAs(kubectl, owner, target)).toMatchObject({ code: 0 });
    }

    expect(await entriesOf("ignored-by-flux")).toContainEqual({ ...theirs, value: "6" });
    expect(await findingsOf("ignored-by-flux")).toEqual([]);
  });

  it.concurrent("Helm 4 stops with a conflict that names us, and changes nothing", async () => {
    const manifest = await settled(serverSide, "conflict");

    const { code, says } = await applyAs(kubectl, serverSide, manifest);

    expect(code).not.toBe(0);
    expect(says).toContain('conflict with "poolwarden"');
    expect(await entriesOf("conflict")).toContainEqual({ ...theirs, value: "5" });
  });
});

describe("kubectl rollout undo", () => {
  it.concurrent.each<{ delivery: Delivery }>([{ delivery: "Admission" }, { delivery: "Template" }])(
    "$delivery: pods of the old version have the size of today",
    async ({ delivery }) => {
      const name = `undone-${delivery.toLowerCase()}`;
      const env = [other, theirs];
      await fleet.apply(buildWorkload("Deployment", namespace, name, { replicas: 2, env }));
      await giveSize(fleet, { name, delivery, size: 5 });
      await giveSize(fleet, { name, delivery, size: 6 });

      await fleet.kubectl(`rollout undo deployment/${name}`);
      await fleet.kubectl(`rollout status deployment/${name} --timeout=60s`);

      // With Template the template of before says 5; it is put right at once, the first time.
      await waitUntil("the size of today", async () => {
        const sizes = await fleet.sizesOf(name);
        return sizes.length === 2 && sizes.every((size) => size === 6);
      });
      await fleet.waitForReady(name);
    },
  );
});
