// Bodies of the template delivery as data. What the API server makes of them is tried in
// test/integration/template*.
import { describe, expect, it } from "vitest";
import type { EnvEntry, ObservedWorkload } from "../../../src/observed.ts";
import {
  buildRoll,
  buildTemplateApply,
  findReferencedEntry,
} from "../../../src/render/template-apply.ts";
import { wishOf } from "../../support/template.ts";

const rolledAt = "2030-01-01T00:00:00Z";
const both = { "poolwarden.dev/pool-size": "6", "poolwarden.dev/rolled-at": rolledAt };
const identity = { namespace: "shop", name: "web", uid: "u", resourceVersion: "7" };

function live(
  env: readonly EnvEntry[],
  envManagers: ObservedWorkload["envManagers"] = {},
  more: Partial<ObservedWorkload> = {},
): ObservedWorkload {
  return {
    ...identity,
    key: "shop/web",
    kind: "Deployment",
    generation: 1,
    observedGeneration: 1,
    labels: {},
    replicas: 1,
    updatedReplicas: 1,
    statusReplicas: 1,
    updateRevision: undefined,
    strategy: "RollingUpdate",
    maxSurge: "25%",
    waitsForTermination: false,
    paused: false,
    stuck: undefined,
    containers: [
      { name: "app", env, envFrom: [] },
      { name: "proxy", env: [], envFrom: [] },
    ],
    defaultContainer: undefined,
    templateAnnotations: {},
    annotations: {},
    envManagers,
    ...more,
  };
}

function template(annotations: object | undefined, env: readonly object[] | undefined): object {
  return {
    template: {
      ...(annotations === undefined ? {} : { metadata: { annotations } }),
      ...(env === undefined ? {} : { spec: { containers: [{ name: "app", env }] } }),
    },
  };
}

const ours = ["poolwarden"];
const shared = ["helm", "poolwarden"];

describe("the template delivery", () => {
  it("says its entries, the size, and which object it read", () => {
    expect(buildTemplateApply(live([]), wishOf(6))).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: identity,
      spec: template({ "poolwarden.dev/pool-size": "6" }, wishOf(6).entries),
    });
  });

  it("keeps the time of the last roll and the count of reverts unless told new ones", () => {
    const annotations = { "poolwarden.dev/reverts": "2", "poolwarden.dev/other": "not ours" };
    const workload = live([], {}, { templateAnnotations: both, annotations });

    const kept = buildTemplateApply(workload, wishOf(3));
    const changed = buildTemplateApply(workload, wishOf(3, { rolledAt: "2031", reverts: 3 }));

    expect(kept.metadata["annotations"]).toEqual({ "poolwarden.dev/reverts": "2" });
    expect(kept["spec"]).toEqual(
      template({ ...both, "poolwarden.dev/pool-size": "3" }, wishOf(3).entries),
    );
    expect(changed.metadata["annotations"]).toEqual({ "poolwarden.dev/reverts": "3" });
    const now = { "poolwarden.dev/pool-size": "3", "poolwarden.dev/rolled-at": "2031" };
    expect(changed["spec"]).toEqual(template(now, wishOf(3).entries));
  });

  it("says what the template held before, and no more where that is no ceiling", () => {
    const annotations = { "poolwarden.dev/found-pool-size": "300" };
    const workload = live([], {}, { annotations });
    const told = buildTemplateApply(workload, wishOf(3, { foundPoolSize: 400 }));
    expect(told.metadata["annotations"]).toEqual({ "poolwarden.dev/found-pool-size": "400" });
    const none = { "poolwarden.dev/found-pool-size": "0" };
    expect(buildTemplateApply(workload, wishOf(3)).metadata["annotations"]).toEqual(none);
    expect(buildTemplateApply(live([]), wishOf(3)).metadata["annotations"]).toBeUndefined();
    expect(buildRoll(workload, rolledAt).metadata["annotations"]).toEqual(annotations);
  });

  it.each<{ name: string; managers: readonly string[]; wantKept: boolean }>([
    { name: "ours alone goes", managers: ours, wantKept: false },
    { name: "that another lists too stays", managers: shared, wantKept: true },
    { name: "of another is none of ours", managers: ["helm"], wantKept: false },
  ])("an entry that is no longer wanted: $name", ({ managers, wantKept }) => {
    const old = { name: "OLD_POOL_SIZE", value: "6" };
    const workload = live([old], { "app/OLD_POOL_SIZE": managers });

    const { spec } = buildTemplateApply(workload, wishOf(3));

    const want = wantKept ? [...wishOf(3).entries, old] : wishOf(3).entries;
    expect(spec).toEqual(template({ "poolwarden.dev/pool-size": "3" }, want));
  });

  it("further pools are written with it, and those that are not stay as they are", () => {
    const theirs = { name: "THEIR_POOL_SIZE", value: "4" };
    const managers = { "app/THEIR_POOL_SIZE": ours };
    const annotations = { "poolwarden.dev/pool-size.theirs": "4" };
    const workload = live([theirs], managers, { templateAnnotations: annotations });
    const replica = { name: "REPLICA_POOL_SIZE", value: "2" };
    const beside = [{ pool: "replica", container: "app", entries: [replica], poolSize: 2 }];

    const { spec } = buildTemplateApply(workload, wishOf(3, { beside }));

    const sizes = { "poolwarden.dev/pool-size": "3", "poolwarden.dev/pool-size.replica": "2" };
    expect(spec).toEqual(
      template({ ...annotations, ...sizes }, [replica, ...wishOf(3).entries, theirs]),
    );
  });

  it("another container: an entry that was taken over in the old one stays there", () => {
    const size = { name: "DB_POOL_MAX_SIZE", value: "6" };
    const workload = live([size], { "app/DB_POOL_MAX_SIZE": shared });

    const { spec } = buildTemplateApply(workload, wishOf(3, { container: "proxy" }));

    expect(spec).toMatchObject({
      template: {
        spec: {
          containers: [
            { name: "app", env: [size] },
            { name: "proxy", env: wishOf(3).entries },
          ],
        },
      },
    });
  });
});

describe("a roll", () => {
  it("of a workload that we own nothing of changes only the annotation", () => {
    const workload = live([{ name: "DB_POOL_MAX_SIZE", value: "50" }], {
      "app/DB_POOL_MAX_SIZE": ["helm"],
    });

    expect(buildRoll(workload, rolledAt)["spec"]).toEqual(
      template({ "poolwarden.dev/rolled-at": rolledAt }, undefined),
    );
  });

  it("states every entry of ours as it is, the last of duplicates, no reference", () => {
    const workload = live(
      [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
        { name: "A", value: "3" },
        { name: "C", from: { kind: "Secret", name: "s", key: "k" } },
        { name: "D" },
      ],
      { "app/A": ours, "app/B": shared, "app/C": ours, "app/D": ours },
      { templateAnnotations: { ...both, "poolwarden.dev/rolled-at": "2020" } },
    );

    expect(buildRoll(workload, rolledAt)["spec"]).toEqual(
      template(both, [
        { name: "B", value: "2" },
        { name: "A", value: "3" },
      ]),
    );
  });
});

describe("an entry that cannot be taken over", () => {
  it.each<{ name: string; entry: EnvEntry; wantSource: string | undefined }>([
    {
      name: "a literal can",
      entry: { name: "DB_POOL_MAX_SIZE", value: "50" },
      wantSource: undefined,
    },
    {
      name: "one of another name does not matter",
      entry: { name: "OTHER", otherSource: true },
      wantSource: undefined,
    },
    {
      name: "a ConfigMap's key",
      entry: { name: "DB_POOL_MAX_SIZE", from: { kind: "ConfigMap", name: "sizes", key: "max" } },
      wantSource: "ConfigMap sizes, key max",
    },
    {
      name: "a field of the pod",
      entry: { name: "DB_POOL_MIN_SIZE", otherSource: true },
      wantSource: "a field of the pod",
    },
  ])("$name", ({ entry, wantSource }) => {
    const finding = findReferencedEntry(live([entry]), wishOf(6));

    if (wantSource === undefined) {
      expect(finding).toBeUndefined();
      return;
    }
    expect(finding).toMatchObject({ reason: "SizeFromReference", severity: "degraded" });
    expect(finding?.message).toContain(`Deployment/web, container app: ${entry.name} comes from`);
    expect(finding?.message).toContain(wantSource);
  });
});
