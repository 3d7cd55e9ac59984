// Entries that pick pods by labels, at their limits, on a real API server: what it takes of them in
// a policy, and what many of them cost a pod.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  buildPolicy,
  type Grant,
  grantOf,
  installAdmissionPolicy,
  publishGrants,
  sizeOf,
  tryPod,
  waitUntilSized,
} from "../support/admission.ts";
import { connectRest, type KubernetesRest } from "../support/kubernetes-rest.ts";

const many = "admission-many-pods";
const nightly = { app: "nightly" };
const anywhere = (poolSize: number): Grant => ({ ...grantOf(poolSize), container: "" });
const picking = (matchLabels: object, more: object = {}): object => {
  return { pods: { matchLabels }, maxPods: 3, ...more };
};

let rest: KubernetesRest;

beforeAll(async () => {
  rest = await connectRest(inject("controlPlane").kubeconfigPath);
  await rest.createNamespace(many);
  await installAdmissionPolicy(rest);
});

afterAll(() => {
  rest.close();
});

describe("twenty entries in each of ten policies", () => {
  it("size a pod of the last of them, and pods of none start", async () => {
    for (let policy = 0; policy < 10; policy += 1) {
      const entries = Array.from({ length: 20 }, (_, at) => {
        const common = Object.fromEntries(
          Array.from({ length: 10 }, (__, one) => [`l${one}`, "x"]),
        );
        return picking({ ...common, app: `a${policy}-${at}` }, { name: `a${at}` });
      });
      const built = buildPolicy(many, `p${policy}`, { workloads: entries });
      expect(await rest.create(built)).toMatchObject({ status: 201 });
      const all = entries.map((_, at) => [`Pods/p${policy}:a${at}`, anywhere(policy + 1)] as const);
      await publishGrants(rest, built, Object.fromEntries(all));
    }
    const common = Object.fromEntries(Array.from({ length: 10 }, (_, one) => [`l${one}`, "x"]));
    const parts = { labels: { ...common, app: "a9-19" } };
    await waitUntilSized(rest, many, { parts, wantAnnotation: "10" });
    const { status, body } = await tryPod(rest, many, { labels: { ...common, app: "none" } });
    expect(status).toBe(201);
    expect(sizeOf(body)).toBeUndefined();
  });
});

describe("the API server refuses an entry with pods", () => {
  const refused: readonly (readonly [name: string, entries: readonly object[], says: string])[] = [
    ["without maxPods", [{ pods: { matchLabels: nightly } }], "the most that run at once"],
    ["without labels", [picking({})], "empty labels would take every pod"],
    ["with an empty value", [picking({ app: "" })], "give every label of pods.matchLabels a value"],
    [
      "beside a selector",
      [picking(nightly, { selector: { matchLabels: nightly } })],
      "exactly one",
    ],
    ["with a kind", [picking(nightly, { kind: "Deployment", name: "x" })], "kind goes with name"],
    ["with plannedPods", [picking(nightly, { plannedPods: "Current" })], "planned by maxPods"],
    [
      "with a name that has a slash",
      [picking(nightly, { name: "a/b" })],
      "beside pods give a name",
    ],
    [
      "more than twenty times",
      Array.from({ length: 21 }, (_, at) => picking({ app: `a${at}` })),
      "more than 20 entries",
    ],
  ];
  it.each(refused)("%s", async (name, entries, says) => {
    const policy = buildPolicy(many, "refused", { workloads: entries });
    const answer = await rest.create(policy, { dryRun: true });
    expect([name, answer.status, answer.message]).toEqual([
      name,
      422,
      expect.stringContaining(says),
    ]);
  });
});
