// Which pods of poolers are told a size on their consoles, which one, when again, and by whom.

import { beforeEach, describe, expect, test } from "vitest";
import type { ConsoleOutcome, Consoles, ConsoleTarget } from "../../src/console-port.ts";
import type { ObservedPod } from "../../src/observed.ts";
import { ConsoleReconciler } from "../../src/reconcile/console-reconciler.ts";
import { ConsoleWords } from "../../src/reconcile/memory/console-words.ts";
import { ConsoleLogins } from "../../src/reconcile/resolve/console-logins.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { aSource, aSpec } from "../support/builders.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { aDeployment, MemoryWorld, server } from "../support/memory-world/world.ts";
import { constantRandom } from "../support/prng.ts";

const uri = "postgresql://administrator:secret@pgbouncer.shop.svc:6432/";
const entry = {
  ...{ name: "pooler", preset: "pgbouncer", resize: "Live" },
  console: { secretRef: { name: "console" } },
};
const pod: ObservedPod = {
  ...{ key: "shop/pooler-1", uid: "1", resourceVersion: "1", revision: "r1", createdAtMs: 0 },
  ...{ workload: "shop/Deployment/pooler", addresses: ["10.0.0.1"], containers: [] },
  ...{ terminating: false, finished: false, live: true, poolSizeAnnotation: "5" },
};

class Scene {
  readonly world = new MemoryWorld();
  readonly words = new ConsoleWords();
  readonly log = new MemoryLog();
  readonly asked: ConsoleTarget[] = [];
  readonly woken: string[] = [];
  leads = true;
  answer: (target: ConsoleTarget) => ConsoleOutcome = ({ poolSize = 20 }) => ({
    ...{ kind: "answered", foundSize: poolSize, poolSize, openMost: poolSize },
    ...{ reconnected: false, busyMs: 0 },
  });
  readonly #book = new PolicyBook();
  readonly reconciler: ConsoleReconciler;

  constructor() {
    const { world, words, log } = this;
    const { clock, cluster } = world;
    world.cluster.data.set("Secret/shop/console", { uri });
    world.stores.Deployment.set(aDeployment("pooler", 0));
    world.stores.pods.set(pod);
    this.policy(entry);
    const consoles: Consoles = {
      follow: (target) => {
        this.asked.push(target);
        return Promise.resolve(this.answer(target));
      },
    };
    this.reconciler = new ConsoleReconciler({
      ...{ caches: world.stores.caches, book: this.#book, consoles, words, clock, log },
      logins: new ConsoleLogins({ cluster, clock }),
      ...{ random: constantRandom(1), mayWrite: () => this.leads },
      enqueueServer: (one) => this.woken.push(one),
    });
  }

  policy(workload: object, mode: "Enforce" | "Observe" = "Enforce", key = "shop/orders"): void {
    this.#book.set({
      ...{ key, namespace: "shop", source: aSource, server },
      spec: aSpec({ mode, workloads: [workload] }),
      ...{ connection: undefined, role: undefined, database: undefined, failure: undefined },
    });
  }

  async look(): Promise<number | undefined> {
    const result = await this.reconciler.reconcile(pod.key);
    return result.kind === "after" ? result.delayMs : undefined;
  }
}

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});

describe("a pod of a live pooler", () => {
  test("is told what its annotation says, at its own address, and looked at again in 5 s", async () => {
    expect(await scene.look()).toBe(5_000);
    expect(scene.asked).toMatchObject([{ address: "10.0.0.1", uri, poolSize: 5 }]);
    expect(scene.words.factsOf({ name: pod.key, uid: pod.uid })?.within?.poolSize).toBe(5);
    expect(scene.woken).toEqual([server]);
    await scene.look();
    // Nothing is new.
    expect(scene.woken).toEqual([server]);
  });

  test("is looked at again in a second until its pools have come down", async () => {
    scene.answer = () => ({
      ...{ kind: "answered", foundSize: 20, poolSize: 5, openMost: 20 },
      ...{ reconnected: false, busyMs: 0 },
    });
    expect(await scene.look()).toBe(1_000);
  });

  test("that has another size by now, or a leader that is none, is not changed any more", async () => {
    await scene.look();
    const mayChange = scene.asked[0]?.mayChange;
    expect(mayChange?.()).toBe(true);
    scene.world.stores.pods.set({ ...pod, poolSizeAnnotation: "8" });
    expect(mayChange?.()).toBe(false);
    scene.world.stores.pods.set(pod);
    scene.leads = false;
    expect(mayChange?.()).toBe(false);
  });

  test("that fails is asked ever more rarely, and what it said is kept", async () => {
    scene.answer = () => ({ kind: "failed", message: "10.0.0.1:6432 refused", busyMs: 0 });
    expect([await scene.look(), await scene.look(), await scene.look()]).toEqual([
      1_000, 2_000, 4_000,
    ]);
    const { failure } = scene.words.factsOf({ name: pod.key, uid: pod.uid }) ?? {};
    expect(failure).toBe("10.0.0.1:6432 refused");
  });

  test("whose size somebody has put back is told of in the log, once", async () => {
    await scene.look();
    const { answer } = scene;
    scene.answer = (target) => ({ ...answer(target), foundSize: 20 }) as ConsoleOutcome;
    await scene.look();
    scene.answer = answer;
    await scene.look();
    const told = scene.log.lines.filter(({ level }) => level === "warn");
    expect(told.map(({ fields }) => fields)).toEqual([{ pod: pod.key, found: 20 }]);
  });
});

describe("only looked at, and not told a size, is a pod", () => {
  const notLive = { ...pod };
  Reflect.deleteProperty(notLive, "live");

  test.each<{ readonly name: string; readonly seen: ObservedPod; readonly mode?: "Observe" }>([
    { name: "of a policy that observes", seen: pod, mode: "Observe" },
    { name: "that started before it was live", seen: notLive },
    { name: "without a size", seen: { ...pod, poolSizeAnnotation: "many" } },
    { name: "with one that no policy gives", seen: { ...pod, poolSizeAnnotation: "20000" } },
  ])("$name", async ({ seen, mode }) => {
    scene.world.stores.pods.set(seen);
    scene.policy(entry, mode ?? "Enforce");
    await scene.look();
    expect(scene.asked.map(({ poolSize }) => poolSize)).toEqual([undefined]);
  });
});

describe("nobody speaks to a pod", () => {
  test.each<readonly [string, Partial<ObservedPod>]>([
    ["with the address of its node", { hostNetwork: true }],
    ["without an address", { addresses: [] }],
    ["that ends", { terminating: true }],
    ["that has ended", { finished: true }],
    ["that waits behind the gate", { gate: { place: 0 } }],
    ["of another workload", { workload: "shop/Deployment/web" }],
    ["of nobody", { workload: undefined }],
  ])("%s", async (_, more) => {
    scene.world.stores.pods.set({ ...pod, ...more });
    expect(await scene.look()).toBeUndefined();
    expect(scene.asked).toEqual([]);
  });

  test("of an entry without a console, of two policies, and of one that is gone", async () => {
    scene.policy({ ...entry, console: undefined });
    await scene.look();
    scene.policy(entry);
    scene.policy(entry, "Enforce", "shop/others");
    await scene.look();
    scene.world.stores.pods.delete(pod.key);
    await scene.look();
    expect(scene.asked).toEqual([]);
  });
});

describe("the login", () => {
  test("is read once a minute, and sooner where it was refused", async () => {
    await scene.look();
    scene.world.cluster.data.set("Secret/shop/console", { uri: `${uri}other` });
    scene.world.nowMs += 59_999;
    await scene.look();
    scene.world.nowMs += 1;
    await scene.look();
    expect(scene.asked.map((one) => one.uri)).toEqual([uri, uri, `${uri}other`]);
    scene.answer = () => ({ kind: "failed", message: "refused", busyMs: 0 });
    await scene.look();
    scene.world.cluster.data.set("Secret/shop/console", { uri });
    scene.world.nowMs += 5_000;
    await scene.look();
    expect(scene.asked.at(-1)?.uri).toBe(uri);
  });

  test.each([
    ["is missing", undefined, "secret shop/console does not exist"],
    ["has another key", { url: uri }, "has no key uri"],
    ["is a book", { uri: "x".repeat(300_000) }, "is too long"],
  ] as const)("that %s is said", async (_, data, message) => {
    const { world } = scene;
    if (data) world.cluster.data.set("Secret/shop/console", data);
    else world.cluster.data.delete("Secret/shop/console");
    await scene.look();
    const { failure } = scene.words.factsOf({ name: pod.key, uid: pod.uid }) ?? {};
    expect(failure).toContain(message);
    expect(scene.asked).toEqual([]);
  });

  test("of another namespace is not to be had", () => {
    scene.world.cluster.data.set("Secret/other/console", { uri });
    expect(aSpec({ workloads: [entry] }).workloads[0]?.console?.secretRef).toEqual({
      ...{ name: "console", key: "uri" },
    });
  });
});

test("a namespace has those pods to look at that have a console, and to forget that had one", async () => {
  expect(scene.reconciler.dueIn("shop")).toEqual([pod.key]);
  expect(scene.reconciler.dueIn("other")).toEqual([]);
  await scene.look();
  scene.world.stores.pods.delete(pod.key);
  expect(scene.reconciler.dueIn("shop")).toEqual([pod.key]);
  await scene.look();
  expect(scene.reconciler.dueIn("shop")).toEqual([]);
});

test("of very many pods each is looked at less often", async () => {
  for (let each = 0; each < 200; each++) {
    scene.words.noteFailure({ name: `shop/other-${each}`, uid: `other-${each}` }, "starting");
  }
  expect(await scene.look()).toBe(201 * 100);
});
