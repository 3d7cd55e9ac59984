// Entries that somebody else owns, on a real API server: what a person with kubectl, Helm or Argo
// CD meets when we take one over, leave one alone, or cannot take it.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { ObservedWorkload } from "../../src/observed.ts";
import type { Manifest } from "../../src/ports.ts";
import { buildTemplateApply, findReferencedEntry } from "../../src/render/template-apply.ts";
import { openTemplateBench, wishOf } from "../support/template.ts";
import type { OtherManager, TemplateBench } from "../support/template.ts";

const namespace = "template-owners";
const other = { name: "OTHER", value: "kept" };
const theirs = { name: "DB_POOL_MAX_SIZE", value: "50" };
const ourSize = { name: "DB_POOL_MAX_SIZE", value: "6" };
const ourMinimum = { name: "DB_POOL_MIN_SIZE", value: "1" };
const reference = {
  name: "DB_POOL_MAX_SIZE",
  valueFrom: { configMapKeyRef: { name: "sizes", key: "max" } },
};
const besideValue = "may not be specified when `value` is not empty";

const managers: readonly { manager: OtherManager; wantManager: string }[] = [
  { manager: "kubectl", wantManager: "kubectl-client-side-apply" },
  { manager: "helm", wantManager: "helm" },
];

let bench: TemplateBench;

beforeAll(async () => {
  bench = await openTemplateBench(inject("controlPlane"), namespace);
});

afterAll(() => {
  bench.rest.close();
});

describe("an entry with a value", () => {
  it.each(managers)("Respect: conflict names $wantManager", async ({ manager, wantManager }) => {
    const workload = await bench.createAs(manager, `respect-${manager}`, { env: [theirs] });

    const build = (live: ObservedWorkload): Manifest => buildTemplateApply(live, wishOf(6));
    const answer = await bench.tryApply(workload, build, { force: false });

    expect(answer.status).toBe(409);
    expect(answer.message).toContain(`conflict with "${wantManager}"`);
    expect(await bench.entriesOf(workload)).toEqual([theirs]);
  });

  it.each(managers)("Take: $wantManager is listed beside us", async ({ manager, wantManager }) => {
    const workload = await bench.createAs(manager, `take-${manager}`, { env: [theirs] });

    await bench.deliver(workload, wishOf(6));

    const { envManagers } = await bench.readLive(workload);
    const want = new Set([wantManager, "poolwarden"]);
    expect(new Set(envManagers["app/DB_POOL_MAX_SIZE"])).toEqual(want);
    expect(await bench.entriesOf(workload)).toContainEqual(ourSize);
  });

  it("kubectl apply of the same manifest puts the old value back; ours can follow", async () => {
    const workload = await bench.createAs("kubectl", "reverted", { env: [theirs] });
    await bench.deliver(workload, wishOf(6));

    expect((await bench.applyAs("kubectl", workload)).code).toBe(0);

    expect(new Set(await bench.entriesOf(workload))).toEqual(new Set([theirs, ourMinimum]));
    await bench.deliver(workload, wishOf(6, { reverts: 1 }));
    expect(await bench.entriesOf(workload)).toContainEqual(ourSize);
    const { annotations } = await bench.readLive(workload);
    expect(annotations).toEqual({ "poolwarden.dev/reverts": "1" });
  });

  it("kubectl apply of a manifest that no longer lists the entry leaves it to us", async () => {
    const workload = await bench.createAs("kubectl", "let-go", { env: [theirs, other] });
    await bench.deliver(workload, wishOf(6));

    const next = bench.withEnv(workload, [other]);
    expect((await bench.applyAs("kubectl", next)).code).toBe(0);
    await bench.deliver(workload, wishOf(6));

    expect(await bench.entriesOf(workload)).toContainEqual(ourSize);
    const { envManagers } = await bench.readLive(workload);
    expect(envManagers["app/DB_POOL_MAX_SIZE"]).toEqual(["poolwarden"]);
  });

  it("a server-side apply of a manifest that no longer lists the entry leaves ours", async () => {
    const workload = await bench.createAs("helm", "let-go-helm", { env: [theirs, other] });
    await bench.deliver(workload, wishOf(6));

    const next = bench.withEnv(workload, [other]);
    expect((await bench.applyAs("helm", next)).code).toBe(0);

    expect(await bench.entriesOf(workload)).toContainEqual(ourSize);
    const { envManagers } = await bench.readLive(workload);
    expect(envManagers["app/DB_POOL_MAX_SIZE"]).toEqual(["poolwarden"]);
  });

  it("a server-side apply of the old value gets a conflict that names us", async () => {
    const workload = await bench.createAs("helm", "conflicting", { env: [theirs] });
    await bench.deliver(workload, wishOf(6));

    const answer = await bench.applyAs("helm", workload);

    expect(answer.code).not.toBe(0);
    expect(answer.stderr).toContain('conflict with "poolwarden"');
  });
});

describe("an entry from a ConfigMap or Secret", () => {
  it.each(managers)("of $wantManager is found; force takes nothing over", async ({ manager }) => {
    const workload = await bench.createAs(manager, `from-${manager}`, { env: [reference] });
    const live = await bench.readLive(workload);
    expect(findReferencedEntry(live, wishOf(6))?.reason).toBe("SizeFromReference");

    const answer = await bench.tryApply(workload, (now) => buildTemplateApply(now, wishOf(6)));

    expect(answer.status).toBe(422);
    expect(answer.message).toContain(besideValue);
    expect(await bench.entriesOf(workload)).toEqual([reference]);
  });

  it.each<{ name: string; valueFrom: unknown; wantMessage: string }>([
    { name: "null", valueFrom: null, wantMessage: besideValue },
    { name: "empty", valueFrom: {}, wantMessage: besideValue },
    { name: "nulled", valueFrom: { configMapKeyRef: null }, wantMessage: "must specify one of" },
  ])("no body of an apply takes it over: valueFrom $name", async (body) => {
    const { name, valueFrom, wantMessage } = body;
    const workload = await bench.createAs("helm", `from-${name}`, { env: [reference] });
    const env = [{ ...ourSize, valueFrom }];
    const spec = { template: { spec: { containers: [{ name: "app", env }] } } };

    const { apiVersion, kind, metadata } = workload;
    const identity = { namespace: metadata.namespace ?? "", name: metadata.name ?? "" };
    const answer = await bench.rest.apply(
      { apiVersion, kind, metadata: identity, spec },
      { force: true },
    );

    expect(answer.status).toBe(422);
    expect(answer.message).toContain(wantMessage);
  });

  it("if it were replaced by other means, its owner's next release would be refused", async () => {
    const workload = await bench.createAs("kubectl", "from-replaced", { env: [reference] });
    const containers = [{ name: "app", image: "none", env: [ourSize] }];
    await bench.rest.merge(workload, { spec: { template: { spec: { containers } } } });
    expect(await bench.entriesOf(workload)).toEqual([ourSize]);

    const answer = await bench.applyAs("kubectl", workload);

    expect(answer.code).not.toBe(0);
    expect(answer.stderr).toContain(besideValue);
  });

  it("an owner who moves a value that we took over into a ConfigMap: kubectl may", async () => {
    const workload = await bench.createAs("kubectl", "moved-kubectl", { env: [theirs] });
    await bench.deliver(workload, wishOf(6));

    const answer = await bench.applyAs("kubectl", bench.withEnv(workload, [reference]));

    expect(answer.code).toBe(0);
    expect(await bench.entriesOf(workload)).toContainEqual(reference);
  });

  it("server-side it takes an empty value beside it, once, with force", async () => {
    const workload = await bench.createAs("helm", "moved-helm", { env: [theirs] });
    await bench.deliver(workload, wishOf(6));
    const next = bench.withEnv(workload, [reference]);
    const taking = bench.withEnv(workload, [{ ...reference, value: "" }]);

    const refused = await bench.applyAs("helm", next);
    const taken = await bench.rest.apply(taking, { manager: "helm", force: true });

    expect(refused.stderr).toContain(besideValue);
    expect(taken.message).toBe("");
    expect(await bench.entriesOf(workload)).toContainEqual(reference);
  });
});
