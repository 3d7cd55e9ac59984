// Our Lease on a real API server: the contract, and that what others keep in the object stays.

import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createLease } from "../../src/adapters/kubernetes/lease.ts";
import { testLease } from "../contract/kubernetes/lease.contract.ts";
import { type OpenClient, openClientOf } from "../support/api-client.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";

const namespace = "leases";
const shared = inject("controlPlane");
let opened: OpenClient;

async function kubectl(command: string): Promise<string> {
  const { code, stdout, stderr } = await runKubectl(shared, command.split(" "));
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

beforeAll(async () => {
  await kubectl(`create namespace ${namespace}`);
  opened = openClientOf(shared.kubeconfigPath);
});

afterAll(async () => {
  await opened.close();
  await kubectl(`delete namespace ${namespace} --wait=false`);
});

testLease(() => ({
  open: (name) => createLease({ client: opened.client, namespace, name }),
  delete: async (name) => {
    await kubectl(`delete lease ${name} -n ${namespace}`);
  },
}));

test("labels stay, and to set one is a new version, which is not overwritten", async () => {
  const lease = createLease({ client: opened.client, namespace, name: "labelled" });
  const record = { durationMs: 1_500, acquiredAtMs: 0, renewedAtMs: 0, transitions: 0 };
  const created = await lease.create({ ...record, holder: "a_1" });
  if (created.kind !== "ok") throw new Error(created.message);
  // The API server knows whole seconds only: others wait longer, never shorter.
  expect(created.value.record.durationMs).toBe(2_000);
  await kubectl(`label lease labelled -n ${namespace} owner=us`);

  expect(await lease.replace(created.value, created.value.record)).toMatchObject({
    kind: "conflict",
  });

  const found = await lease.read();
  if (found.kind !== "ok") throw new Error(found.message);
  expect((await lease.replace(found.value, found.value.record)).kind).toBe("ok");
  const labels = await kubectl(`get lease labelled -n ${namespace} -o jsonpath={.metadata.labels}`);
  expect(JSON.parse(labels)).toEqual({ owner: "us" });
});
