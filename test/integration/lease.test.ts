// Our Lease on a real API server: the contract, and that what others keep in the object stays.

import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createLease } from "../../src/adapters/kubernetes/lease.ts";
import { systemRandom } from "../../src/adapters/random.ts";
import { holderOf } from "../../src/runtime/holder.ts";
import { LeaderElection } from "../../src/runtime/leader-election.ts";
import { testLease } from "../contract/kubernetes/lease.contract.ts";
import { type OpenClient, openClientOf } from "../support/api-client.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { MemoryLog } from "../support/memory-log.ts";

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

test("a container started anew in its pod takes over at once, and a late renewal of the dead one is refused", async () => {
  const lease = createLease({ client: opened.client, namespace, name: "same-pod" });
  const inPod = { instance: "poolwarden-0", podUid: "uid-1", processId: 1 };
  const nowMs = systemClock.nowMs();
  const times = { durationMs: 600_000, acquiredAtMs: nowMs, renewedAtMs: nowMs };
  const { identity: dead } = holderOf({ ...inPod, term: "dead" });
  const held = await lease.create({ ...times, holder: dead, transitions: 1 });
  if (held.kind !== "ok") throw new Error(held.message);
  const holder = holderOf({ ...inPod, term: "next" });
  const election = new LeaderElection({
    ...{ ...holder, lease, clock: systemClock, random: systemRandom, log: new MemoryLog() },
    ...{ leaseDurationMs: 600_000, renewDeadlineMs: 400_000, retryMs: 200_000 },
    onLost: () => undefined,
  });

  // Ten minutes before anybody else might.
  await new Promise<void>((resolve) => {
    election.start(resolve);
  });

  expect(election.quietForMs).toBeGreaterThan(0);
  expect((await lease.replace(held.value, held.value.record)).kind).toBe("conflict");
  const found = await lease.read();
  expect(found).toMatchObject({ value: { record: { holder: holder.identity, transitions: 2 } } });
  await election.stop();
});
