// The fence around the right to patch pods, on a real API server with RBAC: the operator's account
// may write its two annotations, and remove our scheduling gate together with them and say so on
// the pod. Everything else that the right reaches is denied.
import { beforeAll, describe, expect, inject, it } from "vitest";
import { buildPodFence, buildPodFenceBinding } from "../../src/render/pod-fence.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { waitUntil } from "../support/processes.ts";
import { applyObjects, buildGrant } from "../support/rights.ts";

const shared = inject("controlPlane");
const namespace = "pod-fence";
const account = `system:serviceaccount:${namespace}:poolwarden`;
const subject = { kind: "ServiceAccount", name: "poolwarden", namespace } as const;
const right = { apiGroup: "", resource: "pods", namespace: undefined, name: undefined };

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web",
    namespace,
    labels: { app: "web" },
    annotations: { team: "shop", "poolwarden.dev/pool-size": "20", "poolwarden.dev/live": "true" },
  },
  spec: {
    containers: [{ name: "app", image: "one" }],
    initContainers: [{ name: "init", image: "one" }],
    // Nobody takes it to a node, and of one that waits more can be changed than of one that runs.
    schedulingGates: [{ name: "example.com/wait" }, { name: "poolwarden.dev/slots" }],
    terminationGracePeriodSeconds: 30,
  },
};

async function kubectl(words: readonly string[], stdin?: string): Promise<string> {
  const options = stdin === undefined ? {} : { stdin };
  const { code, stdout, stderr } = await runKubectl(shared, ["-n", namespace, ...words], options);
  return code === 0 ? stdout : stderr;
}

/** What the API server says to the operator's account, without storing anything. */
function patched(patch: object, type = "merge"): Promise<string> {
  const words = ["patch", "pod", "web", `--as=${account}`, "--dry-run=server"];
  return kubectl([...words, `--type=${type}`, "-p", JSON.stringify(patch)]);
}

const annotated = (annotations: object): object => ({ metadata: { annotations } });
const ours = "poolwarden.dev/pool-size";
const resized = "poolwarden.dev/resized";
const mark = "poolwarden.dev/released";
const was = "was 20 until 2026-11-30T09:00:00.000Z, touched 0";
const sized = annotated({
  [ours]: "5",
  [resized]: "was 0 until 2026-11-30T09:00:00.000Z, touched 0",
});
/** Of the pod as it was made. */
let uid = "";
const released = (more: object = {}, gate = "poolwarden.dev/slots"): object => ({
  ...sized,
  spec: { schedulingGates: [{ $patch: "delete", name: gate }], ...more },
});

/** The same, saying that it came through the gate. */
function marked(patch: object, value: string | null): object {
  const { annotations } = (patch as { metadata: { annotations: object } }).metadata;
  return { ...patch, ...annotated({ ...annotations, [mark]: value }) };
}

beforeAll(async () => {
  await runKubectl(shared, ["create", "namespace", namespace]);
  const plane = {
    kubectl: (words: readonly string[], more?: object) => runKubectl(shared, words, more),
  };
  await applyObjects(plane, [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "poolwarden", namespace } },
    ...buildGrant(
      "pod-fence",
      [
        { ...right, verb: "patch" },
        { ...right, verb: "get" },
      ],
      [subject],
    ),
    buildPodFence(account),
    buildPodFenceBinding(),
  ]);
  await waitUntil("the pod", async () => {
    return (await kubectl(["apply", "-f", "-"], JSON.stringify(pod))).startsWith("pod/web");
  });
  uid = await kubectl(["get", "pod", "web", "-o", "jsonpath={.metadata.uid}"]);
  await waitUntil("the fence", async () => {
    return (await patched(annotated({ team: "other" }))).includes("may change no annotation");
  });
}, 120_000);

describe("the operator's account may", () => {
  it.each([
    { name: "give another size", patch: annotated({ [ours]: "5" }) },
    {
      name: "give another size and say what it was",
      patch: annotated({ [ours]: "5", [resized]: was }),
    },
    { name: "say once more what it was", patch: annotated({ [resized]: was }) },
    { name: "release it with a size", patch: released(), type: "strategic" },
  ])("$name", async ({ patch, type }) => {
    expect(await patched(patch, type)).toContain("pod/web patched");
  });

  it("say of a pod that it releases that it came through the gate", async () => {
    const patch = marked(released(), uid);
    expect(await patched(patch, "strategic")).toContain("pod/web patched");
  });
});

describe("it may not", () => {
  const container = { name: "app", image: "two" };
  const init = { name: "init", image: "two" };
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] },
        ],
      },
    },
  };
  it.each<{ name: string; patch: object; type?: string; says: string }>([
    {
      name: "change an image",
      ...{ patch: { spec: { containers: [container] } }, type: "strategic" },
      says: "spec of a pod",
    },
    {
      name: "change an image and give a size",
      patch: { ...annotated({ [ours]: "5" }), spec: { containers: [container] } },
      ...{ type: "strategic", says: "spec of a pod" },
    },
    {
      name: "change the image of an init container",
      ...{ patch: { spec: { initContainers: [init] } }, type: "strategic" },
      says: "spec of a pod",
    },
    {
      name: "tolerate a taint",
      patch: [{ op: "add", path: "/spec/tolerations/-", value: { operator: "Exists" } }],
      ...{ type: "json", says: "spec of a pod" },
    },
    {
      name: "set a deadline",
      patch: { spec: { activeDeadlineSeconds: 1 } },
      says: "spec of a pod",
    },
    {
      name: "remove somebody's gate",
      patch: { spec: { schedulingGates: null } },
      says: "spec of a pod",
    },
    {
      name: "remove somebody's gate and give a size",
      ...{ patch: released({}, "example.com/wait"), type: "strategic" },
      says: "spec of a pod",
    },
    {
      name: "remove all gates and give a size",
      ...{ patch: { ...sized, spec: { schedulingGates: null } }, says: "spec of a pod" },
    },
    {
      name: "release it without a size",
      patch: { spec: { schedulingGates: [{ $patch: "delete", name: "poolwarden.dev/slots" }] } },
      ...{ type: "strategic", says: "only together with giving a size" },
    },
    ...[
      { what: "an image", more: { containers: [{ name: "app", image: "two" }] } },
      {
        what: "the image of an init container",
        more: { initContainers: [{ name: "init", image: "two" }] },
      },
      { what: "a deadline", more: { activeDeadlineSeconds: 1 } },
      { what: "a node", more: { nodeSelector: { disk: "ssd" } } },
      { what: "an affinity", more: { affinity } },
    ].map(({ what, more }) => ({
      name: `release it with ${what}`,
      ...{ patch: released(more), type: "strategic", says: "spec of a pod" },
    })),
    {
      name: "release it with a toleration",
      patch: [
        { op: "remove", path: "/spec/schedulingGates/1" },
        { op: "add", path: "/metadata/annotations/poolwarden.dev~1resized", value: was },
        { op: "add", path: "/spec/tolerations/-", value: { operator: "Exists" } },
      ],
      ...{ type: "json", says: "spec of a pod" },
    },
    {
      name: "release it with a label",
      patch: {
        ...released(),
        metadata: { ...(sized as { metadata: object }).metadata, labels: { app: "x" } },
      },
      ...{ type: "strategic", says: "labels of a pod" },
    },
    {
      name: "choose a node",
      patch: { spec: { nodeSelector: { disk: "ssd" } } },
      says: "spec of a pod",
    },
    { name: "add an affinity", patch: { spec: { affinity } }, says: "spec of a pod" },
    {
      name: "change a label",
      patch: { metadata: { labels: { app: "other" } } },
      says: "labels of a pod",
    },
    {
      name: "remove a label",
      patch: { metadata: { labels: null } },
      says: "labels of a pod",
    },
    {
      name: "add a finalizer",
      patch: { metadata: { finalizers: ["example.com/stay"] } },
      says: "finalizers of a pod",
    },
    {
      name: "give it to another owner",
      patch: {
        metadata: {
          ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "a", uid: "1" }],
        },
      },
      says: "owners of a pod",
    },
    { name: "change an annotation", patch: annotated({ team: "other" }), says: "no annotation" },
    { name: "add an annotation", patch: annotated({ mine: "yes" }), says: "no annotation" },
    { name: "remove an annotation", patch: annotated({ team: null }), says: "no annotation" },
    { name: "remove the size", patch: annotated({ [ours]: null }), says: "no annotation" },
    {
      name: "say that a pod follows",
      patch: annotated({ "poolwarden.dev/live": null }),
      says: "no annotation",
    },
    { name: "give no limit", patch: annotated({ [ours]: "0" }), says: "at least 1" },
    { name: "give a text", patch: annotated({ [ours]: "many" }), says: "at least 1" },
    { name: "say anything", patch: annotated({ [resized]: "x" }), says: "what the pod had before" },
    {
      name: "say what it was with more behind it",
      ...{ patch: annotated({ [resized]: `${was}\nmore` }), says: "what the pod had before" },
    },
    {
      name: "say no time",
      patch: annotated({ [resized]: "was 20 until now, touched 0" }),
      says: "what the pod had before",
    },
    { name: "give an empty size", patch: annotated({ [ours]: "" }), says: "at least 1" },
  ])("$name", async ({ patch, type, says }) => {
    const answer = await patched(patch, type);
    expect(answer).toContain(says);
    expect(answer).toContain("orbidden");
  });

  const saysGate = "uid of a pod whose scheduling gate is removed";

  it("say of a pod that waits that it came through the gate", async () => {
    expect(await patched(annotated({ [mark]: uid }))).toContain(saysGate);
    expect(await patched(marked(sized, uid))).toContain(saysGate);
  });

  it("release it with the mark of another pod", async () => {
    const patch = marked(released(), "0d8a3a9e-0c5c-4b52-9a55-0f7d3c8b6a11");
    expect(await patched(patch, "strategic")).toContain(saysGate);
  });

  it.each([
    { name: "write a pod's status", words: ["patch", "pod", "web", "--subresource=status"] },
    { name: "resize its resources", words: ["patch", "pod", "web", "--subresource=resize"] },
  ])("$name", async ({ words }) => {
    const patch = JSON.stringify(annotated({ [ours]: "5" }));
    const answer = await kubectl([...words, `--as=${account}`, "--type=merge", "-p", patch]);
    expect(answer).toMatch(/cannot (get|patch) resource "pods\//);
  });

  it("delete a pod", async () => {
    expect(await kubectl(["delete", "pod", "web", `--as=${account}`])).toContain("cannot delete");
  });
});

it("nobody else is bound by it", async () => {
  const patch = JSON.stringify(annotated({ team: "other" }));
  const answer = await kubectl(["patch", "pod", "web", "--type=merge", "-p", patch]);
  expect(answer).toContain("pod/web patched");
});
