// What the operator remembers of sessions that come through address translation: what pods could
// hold a while ago, and which addresses were other pods'.

import { beforeEach, describe, expect, test } from "vitest";
import type { SessionGroup } from "../../src/domain/facts/facts.ts";
import { unclearSlotsOf } from "../../src/domain/supply/unclear-sessions.ts";
import type { ObservedPod } from "../../src/observed.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";
import { sessions } from "../support/builders.ts";

const node = "172.16.0.1";

function from(address: string, count: number): SessionGroup {
  return sessions(count, { user: "app", applicationName: "web", address });
}

describe("a fleet whose sessions all come from the address of its node", () => {
  let world: MemoryWorld;
  beforeEach(async () => {
    world = new MemoryWorld();
    const workloads = [{ name: "web", poolSize: { max: 10 } }];
    world.policy("orders", { sessions: { match: "Login" }, workloads });
    world.deployment("web", { replicas: 4, containers: [aContainer(10)] });
    world.controller.run(world.nowMs);
    const { pods } = world.stores;
    for (const pod of [...pods.values()]) pods.set({ ...pod, nodeAddresses: [node] });
    await see(from(node, 40));
  });

  async function see(...shown: SessionGroup[]): Promise<void> {
    world.read({ sessions: shown });
    await world.pass(10_000);
  }

  test("keeps them on the account when pods are gone, and cuts no budget for them", async () => {
    world.deployment("web", { replicas: 1 });
    await world.pass(minuteMs);
    await see(from(node, 25));
    const { slots, ghostSlots } = world.plan().foreign;
    expect([slots, ghostSlots]).toEqual([0, 15]);
  });

  async function hold(minutes: number, ...shown: SessionGroup[]): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      await see(...shown);
      await world.pass(minuteMs - 10_000, 10_000);
    }
  }

  function foreignAndGhosts(): readonly number[] {
    const { slots, ghostSlots } = world.plan().foreign;
    return [slots, ghostSlots];
  }

  test("keeps them there for as long as the server shows them, and not a day more", async () => {
    world.deployment("web", { replicas: 1 });
    await world.pass(minuteMs);
    await hold(45, from(node, 25));
    expect(foreignAndGhosts()).toEqual([0, 15]);

    await see(from(node, 12));
    await hold(2, from(node, 25));
    expect(foreignAndGhosts()).toEqual([13, 2]);
  });

  test("keeps those there that no reading showed before their pods were gone", async () => {
    await see(from(node, 20));
    world.deployment("web", { replicas: 1 });
    await world.pass(10_000);
    await hold(3, from(node, 40));
    expect(foreignAndGhosts()).toEqual([0, 30]);
  });

  test("keeps what a lost node has left there apart from what its new pods have open", async () => {
    const lost = "172.16.0.2";
    const { pods } = world.stores;
    for (const pod of [...pods.values()].slice(2)) pods.set({ ...pod, nodeAddresses: [lost] });
    await see(from(node, 14), from(lost, 14));
    expect(foreignAndGhosts()).toEqual([0, 0]);
    for (const pod of [...pods.values()].slice(2)) pods.set({ ...pod, nodeAddresses: [node] });

    await hold(45, from(node, 14), from(lost, 14));
    expect(foreignAndGhosts()).toEqual([0, 14]);
  });

  test("cuts the budget for what is more than pods can hold once it has stood for a minute", async () => {
    await world.pass(minuteMs);
    await see(from(node, 43));
    const { slots, ghostSlots } = world.plan().foreign;
    expect([slots, ghostSlots]).toEqual([0, 3]);

    await see(from(node, 40));
    await world.pass(minuteMs);
    expect(world.plan().foreign.slots).toBe(0);

    for (let reading = 0; reading < 8; reading++) await see(from(node, 43));
    expect(world.plan().foreign.slots).toBe(3);
  });

  test("may have some behind a pod that was not ready at the last reading", async () => {
    for (let reading = 0; reading < 8; reading++) await see(from(node, 46));
    const { pods } = world.stores;
    const [pod] = pods.values();
    if (pod) pods.set({ ...pod, unready: true });
    await see(from(node, 36));
    const hiddenSlots = (): number => world.plan().foreign.hiddenSlots;
    expect(hiddenSlots()).toBe(6);
    if (pod) pods.set({ ...pod });
    await world.pass(1_000);
    expect(hiddenSlots()).toBe(6);
    await see(from(node, 40));
    expect(hiddenSlots()).toBe(0);
  });

  test("keeps those of a pod that is gone behind one that may have opened none of its own", async () => {
    const [pod] = world.stores.pods.values();
    world.deployment("web", { replicas: 3 });
    await world.pass(minuteMs);
    await see(from(node, 40));
    expect(foreignAndGhosts()).toEqual([0, 10]);

    world.controller.isAway = true;
    const next = { key: "shop/web-next", uid: "web-next", createdAtMs: world.nowMs };
    if (pod) world.stores.pods.set({ ...pod, ...next, unready: true });
    for (let reading = 0; reading < 3; reading++) await see(from(node, 40));
    expect(foreignAndGhosts()).toEqual([0, 10]);

    if (pod) world.stores.pods.set({ ...pod, ...next });
    for (let reading = 0; reading < 2; reading++) await see(from(node, 40));
    expect(foreignAndGhosts()).toEqual([0, 0]);
  });

  test("keeps them behind a pod that has just become ready, and its successor in the rollout", async () => {
    const [pod] = world.stores.pods.values();
    world.deployment("web", { replicas: 2 });
    await world.pass(minuteMs);
    await see(from(node, 40));
    world.controller.isAway = true;
    const set = (name: string, isUnready: boolean): void => {
      const next = { key: `shop/${name}`, uid: name, createdAtMs: world.nowMs };
      if (pod) world.stores.pods.set({ ...pod, ...next, ...(isUnready && { unready: true }) });
    };
    set("next-1", true);
    await see(from(node, 40));
    expect(foreignAndGhosts()).toEqual([0, 20]);

    set("next-1", false);
    set("next-2", true);
    await see(from(node, 40));
    expect(foreignAndGhosts()).toEqual([0, 20]);
  });

  describe("after a restart of the operator, with two pods that are not ready", () => {
    let two: readonly ObservedPod[];
    beforeEach(() => {
      two = [...world.stores.pods.values()].slice(0, 2);
      setUnready(true);
    });

    function setUnready(isUnready: boolean): void {
      for (const pod of two) world.stores.pods.set({ ...pod, ...(isUnready && { unready: true }) });
    }

    const unclearSlots = (): number => unclearSlotsOf(world.plan().foreign.unclear);

    async function restart(): Promise<void> {
      world.operator = world.startOperator();
      await see(from(node, 40));
      expect(unclearSlots()).toBe(20);
    }

    test("nothing grows into what these may hide before they are ready", async () => {
      const workloads = [{ name: "web", poolSize: { max: 100 } }];
      world.policy("orders", { sessions: { match: "Login" }, workloads });
      await restart();

      // With 23 there would be 184 slots of 187, rollout included, and these 20.
      const [row] = world.status("orders").workloads ?? [];
      expect([row?.poolSize, row?.wantedPoolSize]).toEqual([20, 23]);
      expect(row?.message).toContain("gone, until all pods are ready (20)");
      await see(from(node, 40));
      expect(unclearSlots()).toBe(20);

      setUnready(false);
      for (let reading = 0; reading < 2; reading++) await see(from(node, 40));
      expect([unclearSlots(), world.grant("orders", "web")]).toEqual([0, 23]);
    });

    test("what a reading without them has ruled out is not in doubt again", async () => {
      await restart();
      setUnready(false);
      for (let reading = 0; reading < 2; reading++) await see(from(node, 40));
      setUnready(true);
      for (let reading = 0; reading < 2; reading++) await see(from(node, 40));
      expect(unclearSlots()).toBe(0);
    });
  });

  test("has none of a pod that was created after the reading", async () => {
    const { pods } = world.stores;
    const [pod] = pods.values();
    if (pod) {
      pods.delete(pod.key);
      const next = { key: "shop/web-next", uid: "web-next", createdAtMs: world.nowMs };
      pods.set({ ...pod, ...next });
    }
    await world.pass(1_000);
    expect(world.plan().foreign.ghostSlots).toBe(10);
    await see(from(node, 40));
    expect(world.plan().foreign.ghostSlots).toBe(0);
  });

  test("has none at the address of another pod, nor after that pod is gone", async () => {
    await see(from(node, 20));
    const [pod] = world.stores.pods.values();
    const job = {
      key: "shop/job-1",
      uid: "job-1",
      workload: "shop/Job/job",
      addresses: ["10.7.7.7"],
    };
    if (pod) world.stores.pods.set({ ...pod, ...job });
    await see(from(node, 20), from("10.7.7.7", 3));
    expect(world.plan().foreign.slots).toBe(3);

    world.stores.pods.delete(job.key);
    await world.pass(minuteMs);
    expect(world.plan().foreign.slots).toBe(3);
  });

  test("says so in a finding that does not change with the load", async () => {
    const before = world.status("orders").findings;
    expect(before?.map(({ reason }) => reason)).toContain("SessionsByLogin");
    await see(from(node, 7));
    expect(world.status("orders").findings).toEqual(before);
  });
});
