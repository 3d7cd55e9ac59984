// Live pools through the production reconcilers: new pods start small, running pods get what is
// free, and what one of them gives back is given on only when the server has shown it.

import { beforeEach, expect, test } from "vitest";
import { LiveWorld } from "../support/memory-world/live-world.ts";
import { minuteMs } from "../support/memory-world/world.ts";

const live = { selector: { matchLabels: { team: "shop" } }, resize: "Live" };
const small = { min: 3, max: 100 };

let world: LiveWorld;

beforeEach(() => {
  world = new LiveWorld();
});

function resizes(): string[] {
  return world.cluster.writes.flatMap(({ kind, key }) => (kind === "resize" ? [key] : []));
}

/** Pods of `web` alone, which start with 3 and have grown. */
async function grown(replicas: number): Promise<void> {
  world.policy("orders", { workloads: [{ ...live, poolSize: small, maxPods: 4 }] });
  await world.look();
  await world.pass(10_000);
  world.deployment("web", { replicas });
  // The first pods of a Deployment start before its grant is known.
  await world.look();
  for (const { key } of world.podsOf("web")) world.stores.pods.delete(key);
  await world.passReading(minuteMs);
}

test("pods start with the floor and get all that is free, without a restart", async () => {
  await grown(3);
  // 187 slots of budget, less one more pod of 3, and 4 of 3 for a rollout.
  expect(world.sizesOf("web").toSorted()).toEqual([57, 57, 58]);
  expect(world.grant("orders", "web")).toBe(3);
  expect(world.rolls).toEqual([]);
});

test("a pod whose size somebody wrote in another form is not resized again and again", async () => {
  await grown(3);
  const [pod] = world.podsOf("web");
  if (!pod) throw new Error("no pod of web");
  world.stores.pods.set({ ...pod, poolSizeAnnotation: "03" });
  const asked: string[] = [];
  world.cluster.refuse = (operation, key) => {
    if (operation === "resize") asked.push(key);
    return undefined;
  };
  await world.passReading(minuteMs);
  expect(asked).not.toContain(pod.key);
});

test("at rest nothing is written", async () => {
  await grown(3);
  const before = world.cluster.writes.length;
  await world.passReading(4 * minuteMs);
  expect(world.cluster.writes.slice(before)).toEqual([]);
});

test("a new pod grows only when the others have shown that they have shrunk", async () => {
  await grown(2);
  expect(world.sizesOf("web").toSorted()).toEqual([84, 85]);
  world.deployment("web", { replicas: 3 });
  await world.pass(2_000);
  const lowered = world
    .podsOf("web")
    .filter(({ poolSizeAnnotation }) => poolSizeAnnotation !== "3");
  expect(lowered.map(({ poolSizeAnnotation }) => Number(poolSizeAnnotation))).not.toContain(85);
  expect(world.sizesOf("web")).toContain(3);
  const holding = Object.fromEntries(lowered.map(({ key }) => [key, 84]));
  await world.passReading(30_000, holding);
  expect(world.sizesOf("web")).toContain(3);
  await world.passReading(30_000);
  expect(world.sizesOf("web").toSorted()).toEqual([57, 57, 58]);
  expect(world.rolls).toEqual([]);
});

test("a new operator believes no more than the cluster and the server show", async () => {
  await grown(2);
  world.deployment("web", { replicas: 3 });
  await world.pass(2_000);
  world.restartOperator();
  await world.pass(4_000);
  expect(world.sizesOf("web")).toContain(3);
  expect(world.plan().exposure.slots).toBeLessThanOrEqual(187);
  await world.passReading(minuteMs);
  expect(world.sizesOf("web").toSorted()).toEqual([57, 57, 58]);
});

test("a resize that nobody answers counts as done, and its pod is asked nothing else meanwhile", async () => {
  await grown(3);
  const [silent, gone] = world.podsOf("web");
  const key = silent?.key ?? "";
  let asked = 0;
  world.cluster.refuse = (what, which) => {
    if (what !== "resize" || which !== key) return undefined;
    asked++;
    return { kind: "unavailable", message: "no answer within 10 s" };
  };
  world.stores.pods.delete(gone?.key ?? "");
  world.deployment("web", { replicas: 2 });
  await world.passReading(3 * minuteMs);
  expect(asked).toBe(1);
  // Both have their shares in the account: one of them as it was told, whoever heard it.
  const [told = 0] = world.sizesOf("web").filter((size) => size > 60);
  expect(world.plan().exposure.slots).toBeGreaterThanOrEqual(2 * told);
  expect(world.plan().exposure.slots).toBeLessThanOrEqual(187);
  world.cluster.refuse = () => undefined;
  await world.passReading(minuteMs);
  expect(world.sizesOf("web")).toEqual([84, 84]);
});

test("a pod that does not follow is told of, touched three times, and never given on", async () => {
  await grown(2);
  const [deaf] = world.podsOf("web");
  const held = { [deaf?.key ?? ""]: 85 };
  world.deployment("web", { replicas: 3 });
  await world.passReading(30_000, held);
  const finding = world.status("orders").findings?.find(({ reason }) => reason === "NotFollowing");
  await world.passReading(3 * minuteMs, held);
  expect(finding?.message ?? "").toContain(deaf?.key);
  expect(world.plan().exposure.slots).toBeLessThanOrEqual(187);
  const ofDeaf = resizes().filter((key) => key === deaf?.key);
  // Grown, shrunk, touched three times, and given up.
  expect(ofDeaf.length).toBeLessThanOrEqual(1 + 1 + 3 + 1);
});

test("a pod that was given up is not believed at a quiet hour, not by a new operator either", async () => {
  await grown(2);
  const key = world.podsOf("web")[0]?.key ?? "";
  world.deployment("web", { replicas: 3 });
  await world.passReading(2 * minuteMs, { [key]: 85 });
  const counted = (): number | undefined =>
    world.plan().positions[0]?.pool.pods.find(({ name }) => name === key)?.own.poolSize;
  expect(counted()).toBeGreaterThanOrEqual(84);
  await world.passReading(2 * minuteMs, { [key]: 1 });
  expect(counted()).toBeGreaterThanOrEqual(84);
  world.restartOperator();
  await world.passReading(2 * minuteMs, { [key]: 1 });
  expect(counted()).toBeGreaterThanOrEqual(84);
  const finding = world.status("orders").findings?.find(({ reason }) => reason === "NotFollowing");
  expect(finding?.message).toContain(`pod ${key} was told`);
  expect(finding?.message).toContain("until it is replaced");
});

test("sessions that look translated for a night restart no pod, and a new operator keeps to it", async () => {
  await grown(2);
  const job = { user: "app", database: "orders", applicationName: "", address: "172.16.0.9" };
  const night = async (minutes: number): Promise<void> => {
    for (let passed = 0; passed < minutes; passed++) {
      world.read({ sessions: [{ ...job, count: 1 }] });
      await world.pass(minuteMs, 30_000);
    }
  };
  await night(25);
  const said = world.status("orders").findings?.find(({ reason }) => reason === "CannotBeLive");
  expect(said?.message).toContain("its pods cannot show that they have shrunk");
  expect(world.grant("orders", "web")).toBe(3);
  world.restartOperator();
  await night(15);
  expect(world.rolls).toEqual([]);
  expect(world.grant("orders", "web")).toBe(3);
  expect(Math.min(...world.sizesOf("web"))).toBe(84);
  await world.passReading(minuteMs);
  expect(world.status("orders").findings ?? []).not.toContainEqual(
    expect.objectContaining({ reason: "CannotBeLive" }),
  );
});

test("a size that somebody lowers by hand counts as before until it is proven", async () => {
  await grown(2);
  const [pod] = world.podsOf("web");
  if (!pod) throw new Error("no pod of web");
  world.stores.pods.set({ ...pod, poolSizeAnnotation: "20" });
  const used = world.plan().exposure.slots;
  await world.passReading(10_000, { [pod.key]: 84 });
  expect(world.plan().exposure.slots).toBeGreaterThanOrEqual(used);
});

test("the row says what pods were told, and not what could not be written", async () => {
  await grown(2);
  world.cluster.refuse = (what) =>
    what === "resize" ? { kind: "unavailable", message: "no answer" } : undefined;
  world.deployment("web", { replicas: 3 });
  const before = world.cluster.writes.length;
  await world.pass(5_000);
  const written = world.cluster.writes.slice(before).flatMap(({ status }) => status ?? []);
  const rows = written.flatMap(({ workloads = [] }) => workloads);
  expect(rows.at(-1)?.live).toMatchObject({ pods: 3, least: 3, most: 85 });
  expect(rows.map(({ reason }) => reason)).not.toContain("PodsResized");
  expect(rows.map(({ live }) => live?.most)).not.toContain(59);
});

test("without the right to patch pods it says the command, and pods get sizes by rollouts", async () => {
  world.bounds = {};
  world.restartOperator();
  world.policy("orders", { workloads: [{ ...live, poolSize: small }] });
  world.deployment("web");
  await world.passReading(minuteMs);
  const [finding] = world.status("orders").findings ?? [];
  expect(finding).toMatchObject({ reason: "CannotBeLive" });
  expect(finding?.message).toContain("--set livePools.enabled=true");
  expect(resizes()).toEqual([]);
  expect(world.grant("orders", "web")).toBeGreaterThan(3);
});

test.each([
  { name: "a webhook denies", refusal: { kind: "forbidden", message: "denied by webhook pods" } },
  { name: "its checks refuse", refusal: { kind: "invalid", message: "no such value" } },
  {
    name: "answers with a conflict",
    refusal: { kind: "conflict", message: "the test failed", managers: [] },
  },
] as const)(
  "a resize that $name holds back no rollout, and the status says so",
  async ({ refusal }) => {
    world.cluster.refuse = (what) => (what === "resize" ? refusal : undefined);
    const entries = [{ name: "web", resize: "Live", poolSize: small, maxPods: 4 }, { name: "api" }];
    world.policy("orders", { workloads: entries });
    world.deployment("web", { replicas: 2 });
    world.deployment("api", { replicas: 2 });
    await world.look();
    for (const { key } of world.podsOf("web")) world.stores.pods.delete(key);
    await world.passReading(3 * minuteMs);
    expect(resizes()).toEqual([]);
    expect(world.rolls).toContain("api");
    const status = world.status("orders");
    const said = status.findings?.find(({ reason }) => reason === "ResizeRefused")?.message ?? "";
    expect(said).toContain(world.podsOf("web")[0]?.key);
    expect(said).toContain(refusal.message);
    const row = status.workloads?.find(({ workload }) => workload === "Deployment/web");
    expect(row).toMatchObject({ decision: "Wait", reason: "ResizeRefused", live: { refused: 2 } });
    expect(row?.live?.lackingSlots).toBe(0);

    world.cluster.refuse = () => undefined;
    await world.passReading(2 * minuteMs);
    expect(world.sizesOf("web").every((size) => size > 3)).toBe(true);
    expect(world.status("orders").findings ?? []).not.toContainEqual(
      expect.objectContaining({ reason: "ResizeRefused" }),
    );
  },
);

test("one pod that cannot be resized keeps no other of its pool from growing", async () => {
  world.policy("orders", { workloads: [{ ...live, poolSize: small, maxPods: 4 }] });
  world.deployment("web", { replicas: 3 });
  await world.look();
  for (const { key } of world.podsOf("web")) world.stores.pods.delete(key);
  const tries: string[] = [];
  let bad: string | undefined;
  world.cluster.refuse = (what, key) => {
    if (what !== "resize") return undefined;
    bad ??= key;
    if (key !== bad) return undefined;
    tries.push(key);
    return { kind: "forbidden", message: "denied" };
  };
  await world.passReading(2 * minuteMs);
  expect(world.sizesOf("web").toSorted((a, b) => a - b)[0]).toBe(3);
  expect(world.sizesOf("web").filter((size) => size > 3)).toHaveLength(2);
  expect(tries.length).toBeLessThanOrEqual(8);
});
