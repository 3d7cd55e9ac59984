// The template delivery against a real API server: what is ours afterwards, what is refused, and
// what pods get. Who else meets our entries is in template-owners.test.ts.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { poolSizeAnnotation, rolledAtAnnotation } from "../../src/api/group.ts";
import { buildRoll, buildTemplateApply } from "../../src/render/template-apply.ts";
import { envOf, sizeOf } from "../support/admission.ts";
import type { Entry } from "../support/admission.ts";
import { read } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";
import { openTemplateBench, wishOf } from "../support/template.ts";
import type { TemplateBench } from "../support/template.ts";
import { buildWorkload } from "../support/workloads.ts";

const namespace = "template-delivery";
const other = { name: "OTHER", value: "kept" };
const theirs = { name: "DB_POOL_MAX_SIZE", value: "50" };
const ourSize = { name: "DB_POOL_MAX_SIZE", value: "6" };
const rolledAt = "2030-01-01T00:00:00Z";

let bench: TemplateBench;

beforeAll(async () => {
  bench = await openTemplateBench(inject("controlPlane"), namespace);
});

afterAll(() => {
  bench.rest.close();
});

describe("what is ours", () => {
  it.each<{ name: string; env?: readonly Entry[]; wantOthers: readonly Entry[] }>([
    { name: "no-env", wantOthers: [] },
    { name: "empty-env", env: [], wantOthers: [] },
    { name: "other-entry", env: [other], wantOthers: [other] },
    { name: "our-name", env: [other, theirs], wantOthers: [other] },
  ])("is exactly our entries and the size: $name", async ({ name, env, wantOthers }) => {
    const workload = await bench.createAs("kubectl", name, env === undefined ? {} : { env });

    await bench.deliver(workload, wishOf(6));

    const entries = await bench.entriesOf(workload);
    expect(new Set(entries)).toEqual(new Set([...wishOf(6).entries, ...wantOthers]));
    expect(sizeOf(await bench.templateOf(workload))).toBe("6");
    const item = { ".": {}, "f:name": {}, "f:value": {} };
    const env_ = {
      'k:{"name":"DB_POOL_MAX_SIZE"}': item,
      'k:{"name":"DB_POOL_MIN_SIZE"}': item,
    };
    const container = { ".": {}, "f:name": {}, "f:env": env_ };
    expect(await bench.ownedByUs(workload)).toEqual({
      "f:spec": {
        "f:template": {
          "f:metadata": { "f:annotations": { [`f:${poolSizeAnnotation}`]: {} } },
          "f:spec": { "f:containers": { 'k:{"name":"app"}': container } },
        },
      },
    });
  });

  it("an entry that is there twice becomes one", async () => {
    const env = [theirs, other, { ...theirs, value: "60" }];
    const workload = buildWorkload("Deployment", namespace, "twice", { env });
    await bench.rest.create(workload);

    await bench.deliver(workload, wishOf(6));

    const entries = await bench.entriesOf(workload);
    expect(entries.filter(({ name }) => name === theirs.name)).toEqual([ourSize]);
    expect(entries).toContainEqual(other);
  });

  it("the same apply again changes nothing", async () => {
    const workload = await bench.createAs("helm", "same-again", { env: [theirs, other] });
    await bench.deliver(workload, wishOf(6, { rolledAt, reverts: 1 }));
    const before = (await bench.rest.get(workload)).body;

    await bench.deliver(workload, wishOf(6));

    const after = (await bench.rest.get(workload)).body;
    expect(read(after, "spec")).toEqual(read(before, "spec"));
    expect(read(after, "metadata", "generation")).toBe(read(before, "metadata", "generation"));
    expect((await bench.readLive(workload)).annotations).toEqual({ "poolwarden.dev/reverts": "1" });
  });
});

describe("an apply that must not happen is refused by the API server", () => {
  it("a container that does not exist is not added", async () => {
    const workload = await bench.createAs("kubectl", "no-container", { env: [other] });

    const answer = await bench.tryApply(workload, (live) =>
      buildTemplateApply(live, wishOf(6, { container: "renamed" })),
    );

    expect(answer.status).toBe(422);
    expect(answer.message).toContain("spec.template.spec.containers[1].image: Required value");
    expect(await bench.entriesOf(workload)).toEqual([other]);
  });

  it("a workload that changed since it was read", async () => {
    const workload = await bench.createAs("kubectl", "changed", { env: [other] });
    const manifest = buildTemplateApply(await bench.readLive(workload), wishOf(6));
    await bench.rest.merge(workload, { metadata: { labels: { changed: "yes" } } });

    const answer = await bench.rest.apply(manifest, { force: true });

    expect(answer.status).toBe(409);
    expect(answer.message).toContain("the object has been modified");
  });

  it("a workload that was deleted, and one that was made again under its name", async () => {
    const workload = await bench.createAs("kubectl", "made-again", { env: [other] });
    const manifest = buildTemplateApply(await bench.readLive(workload), wishOf(6));
    await bench.rest.remove(workload);
    await waitUntil("it is gone", async () => (await bench.rest.get(workload)).status === 404);

    expect((await bench.rest.apply(manifest, { force: true })).status).toBe(409);

    await bench.createAs("kubectl", "made-again", { env: [other] });
    expect((await bench.rest.apply(manifest, { force: true })).status).toBe(409);
    expect(await bench.entriesOf(workload)).toEqual([other]);
  });
});

describe("leaving something out never empties an entry", () => {
  it("a roll states the entries that an earlier template delivery left there", async () => {
    const workload = await bench.createAs("kubectl", "roll-after", { env: [theirs, other] });
    await bench.deliver(workload, wishOf(6));
    const before = await bench.entriesOf(workload);

    await bench.tryApply(workload, (live) => buildRoll(live, rolledAt), { force: false });

    expect(await bench.entriesOf(workload)).toEqual(before);
    expect((await bench.readLive(workload)).templateAnnotations).toEqual({
      [poolSizeAnnotation]: "6",
      [rolledAtAnnotation]: rolledAt,
    });
  });

  it("other names: an entry that was taken over keeps its value, one of ours alone goes", async () => {
    const workload = await bench.createAs("helm", "other-names", { env: [theirs] });
    await bench.deliver(workload, wishOf(6));
    const entries = [{ name: "POOL_LIMIT", value: "6" }];

    await bench.deliver(workload, wishOf(6, { entries }));

    expect(new Set(await bench.entriesOf(workload))).toEqual(new Set([ourSize, ...entries]));
  });
});

describe("what the pods get", () => {
  it.each(["Deployment", "StatefulSet"] as const)("of a %s", async (kind) => {
    const name = `pods-of-${kind.toLowerCase()}`;
    const workload = buildWorkload(kind, namespace, name, { env: [theirs] });
    await bench.rest.create(workload);
    await bench.deliver(workload, wishOf(6));

    await bench.rest.merge(workload, { spec: { replicas: 1 } });

    const pods = { apiVersion: "v1", kind: "Pod", metadata: { namespace } };
    const podsOf = (): Promise<readonly unknown[]> => bench.rest.list(pods, `app=${name}`);
    await waitUntil("a pod", async () => (await podsOf()).length === 1);
    const [pod] = await podsOf();
    expect(sizeOf(pod)).toBe("6");
    expect(new Set(envOf(pod))).toEqual(new Set(wishOf(6).entries));
  });

  it("a roll starts exactly one rollout and leaves the environment alone", async () => {
    const workload = await bench.createAs("kubectl", "rolled", { replicas: 1, env: [theirs] });
    const sets = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { namespace } };
    const revisions = async (): Promise<number> =>
      (await bench.rest.list(sets, "app=rolled")).length;
    await waitUntil("the first revision", async () => (await revisions()) === 1);

    await bench.tryApply(workload, (live) => buildRoll(live, rolledAt), { force: false });
    await waitUntil("the second revision", async () => (await revisions()) === 2);
    await bench.tryApply(workload, (live) => buildRoll(live, rolledAt), { force: false });
    expect((await bench.applyAs("kubectl", workload)).code).toBe(0);

    const live = await bench.readLive(workload);
    expect(live.generation).toBe(2);
    expect(live.templateAnnotations).toEqual({ [rolledAtAnnotation]: rolledAt });
    expect(await bench.entriesOf(workload)).toEqual([theirs]);
    expect(await revisions()).toBe(2);
  });
});
