// What an apply takes back, by what the object tells of the last one.

import { describe, expect, test } from "vitest";
import { saidBefore } from "../../../src/plan/said-before.ts";
import { isTakenBack } from "../../../src/plan/taken-back.ts";

const probe = { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 10 };
const app = { name: "app", image: "web:1" };
const of = (...containers: readonly object[]): object => ({ spec: { containers } });

interface Case {
  readonly name: string;
  readonly before: object;
  readonly given: object;
  /** None: what was said before. */
  readonly live?: object;
  readonly want: boolean;
}

const probed = (more: object): object => of({ ...app, livenessProbe: { ...probe, ...more } });
const bare = of({ ...app, livenessProbe: { httpGet: probe.httpGet } });
const mounts = {
  volumeMounts: [
    { name: "v", mountPath: "/a" },
    { name: "v", mountPath: "/b", subPath: "b" },
  ],
};

const cases: readonly Case[] = [
  { name: "the same", before: of(app), given: of(app), want: false },
  { name: "a probe", before: probed({}), given: of(app), want: true },
  { name: "a container", before: of(app, { name: "proxy" }), given: of(app), want: true },
  { name: "an empty field", before: of({ ...app, args: [] }), given: of(app), want: false },
  { name: "what is gone", before: probed({}), given: of(app), live: of(app), want: false },
  { name: "a default that was written out", before: probed({}), given: bare, want: false },
  { name: "another period", before: probed({ periodSeconds: 5 }), given: bare, want: true },
  { name: "none of two mounts of one name", before: mounts, given: mounts, want: false },
];

test.each(cases)("$name: taken back is $want", ({ before, given, live = before, want }) => {
  expect(isTakenBack(before, given, live)).toBe(want);
});

describe("what was said before", () => {
  const spec = { replicas: 4, template: of({ ...app, env: [{ name: "A", value: "1" }] }) };
  const aField = (operation: string, manager: string, tree: object, more = {}): object => ({
    ...{ operation, manager, fieldsV1: tree },
    ...more,
  });
  const replicas = { "f:spec": { "f:replicas": {} } };
  const template = {
    "f:spec": {
      "f:containers": {
        'k:{"name":"app"}': {
          ...{ ".": {}, "f:name": {}, "f:image": {} },
          "f:env": { 'k:{"name":"A"}': { ".": {}, "f:name": {}, "f:value": {} } },
        },
      },
    },
  };
  const all = { "f:spec": { "f:replicas": {}, "f:template": template } };

  test("stands in the annotation of kubectl", () => {
    const said = { spec: { replicas: 2 } };
    const annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(said),
    };
    expect(saidBefore({ metadata: { annotations }, spec })).toEqual(said);
  });

  test("is what the one who applied it owns", () => {
    const managedFields = [aField("Apply", "argocd-controller", all)];
    expect(saidBefore({ metadata: { managedFields }, spec })).toEqual({ spec });
  });

  test("leaves out what somebody else owns as well", () => {
    const scaled = aField("Update", "kube-controller-manager", replicas, { subresource: "scale" });
    const managedFields = [aField("Apply", "argocd-controller", all), scaled];
    const said = saidBefore({ metadata: { managedFields }, spec });
    expect(said).toEqual({ spec: { template: spec.template } });
  });

  test("of containers that Poolwarden names as well keeps their names", () => {
    const ours = aField("Apply", "poolwarden", {
      "f:spec": { "f:template": template },
    });
    const managedFields = [aField("Apply", "argocd-controller", all), ours];
    expect(saidBefore({ metadata: { managedFields }, spec })).toMatchObject({
      spec: { template: of({ name: "app" }) },
    });
  });

  test("of Helm are the replicas that it set, and not those of an autoscaler", () => {
    const byHelm = [aField("Update", "helm", replicas)];
    expect(saidBefore({ metadata: { managedFields: byHelm }, spec })).toEqual({
      spec: { replicas: 4 },
    });
    const scaled = [aField("Update", "helm", replicas, { subresource: "scale" })];
    expect(saidBefore({ metadata: { managedFields: scaled }, spec })).toBeUndefined();
  });

  test.each([
    ["an object without any", {}],
    [
      "an annotation that is no JSON",
      { annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{" } },
    ],
    ["a manager of nothing", { managedFields: [aField("Apply", "x", {})] }],
    ["Poolwarden alone", { managedFields: [aField("Apply", "poolwarden", all)] }],
  ])("is not known of %s", (_, metadata) => {
    expect(saidBefore({ metadata, spec })).toBeUndefined();
  });
});
