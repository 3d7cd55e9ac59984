// One pod's life against an API server that answers what the test says, in the order in which a
// kubelet must act: nothing runs on a node it is not bound to, and what ends does not come back.
import { describe, expect, test } from "vitest";
import type { Answer, ApiClient, Request } from "../../support/kubelet/api-client.ts";
import type { Pod } from "../../support/kubelet/pod.ts";
import { startPodWorker } from "../../support/kubelet/pod-worker.ts";
import type { PodWorker } from "../../support/kubelet/pod-worker.ts";
import type { Runtime } from "../../support/kubelet/runtime.ts";
import { waitUntil } from "../../support/processes.ts";

const POD: Pod = {
  metadata: { name: "web", namespace: "shop", uid: "u" },
  spec: { containers: [{ name: "web" }] },
};

const TERMINATING: Pod = {
  ...POD,
  metadata: { ...POD.metadata, deletionTimestamp: "now", deletionGracePeriodSeconds: 7 },
};

type World = {
  worker: PodWorker;
  /** What was done, in order: `POST …/binding`, `start`, `stop 7000`. */
  did: string[];
  end: (code: number) => void;
  close: () => void;
};

function startWorld(answer: (request: Request) => Answer = accept, pod: Pod = POD): World {
  const did: string[] = [];
  const ended = Promise.withResolvers<number>();
  let isClosed = false;
  const api: ApiClient = {
    get: () => Promise.reject(new Error("unused")),
    ask: (request) => {
      const { method, path, body } = request;
      const sent = JSON.stringify(body ?? "");
      const words = ["CrashLoopBackOff", "Running"];
      const phase = words.find((word) => sent.includes(word)) ?? "";
      did.push(`${method} ${path.split("/pods/")[1] ?? ""} ${phase}`.trim());
      return Promise.resolve(isClosed ? undefined : answer(request));
    },
    watch: () => {
      throw new Error("unused");
    },
    isClosed: () => isClosed,
    close: () => Promise.resolve(),
  };
  const runtime: Runtime = {
    start: () => {
      did.push("start");
      return Promise.resolve({ address: "10.0.0.1", ended: ended.promise });
    },
    stop: (_, graceMs) => {
      did.push(`stop ${graceMs}`);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const worker = startPodWorker(pod, { api, runtime, nodeName: "ours", restartDelayMs: 1 });
  return { worker, did, end: ended.resolve, close: () => void (isClosed = true) };
}

function accept({ path }: Request): Answer {
  return { status: path.endsWith("/binding") ? 201 : 200, body: POD };
}

const isRunning = (did: readonly string[]) => (): boolean => did.some((act) => /Running/.test(act));

describe("a pod's life", () => {
  test("bound, started, said to run, stopped with its grace, removed", async () => {
    const { worker, did } = startWorld();
    await waitUntil("it to run", isRunning(did));
    worker.update(POD);
    worker.update(TERMINATING);
    await worker.done;
    expect(did).toEqual([
      "POST web/binding",
      "start",
      "PATCH web/status Running",
      "stop 7000",
      "DELETE web",
    ]);
  });

  test("removed by force: stopped without grace, and there is nothing to delete", async () => {
    const { worker, did } = startWorld();
    await waitUntil("it to run", isRunning(did));
    worker.remove();
    await worker.done;
    expect(did.slice(-1)).toEqual(["stop 0"]);
  });

  test("bound here and terminating already: not started any more", async () => {
    const pod = { ...TERMINATING, spec: { ...TERMINATING.spec, nodeName: "ours" } };
    const { worker, did } = startWorld(accept, pod);
    await worker.done;
    expect(did).toEqual(["stop 7000", "DELETE web"]);
  });

  test("ended by itself: said, and started again", async () => {
    const { worker, did, end } = startWorld();
    await waitUntil("it to run", isRunning(did));
    end(1);
    await waitUntil("another start", () => did.filter((act) => act === "start").length > 1);
    expect(did).toContain("PATCH web/status CrashLoopBackOff");
    worker.remove();
    await worker.done;
  });

  test("ended because the kubelet closed: not started again", async () => {
    const { did, end, close } = startWorld();
    await waitUntil("it to run", isRunning(did));
    const before = [...did];
    close();
    end(137);
    // It would have said that the pod crashed before anything else could happen.
    await new Promise(setImmediate);
    expect(did).toEqual(before);
  });
});

describe("a binding that is refused", () => {
  const refusing =
    (current: Answer) =>
    (request: Request): Answer => {
      if (request.path.endsWith("/binding")) return { status: 409, body: {} };
      return request.method === "GET" ? current : accept(request);
    };
  const boundTo = (nodeName: string, uid = "u"): Answer => ({
    status: 200,
    body: { metadata: { ...POD.metadata, uid }, spec: { ...POD.spec, nodeName } },
  });

  test("was ours all the same when the pod says so: an answer got lost", async () => {
    const { did } = startWorld(refusing(boundTo("ours")));
    await waitUntil("it to run", isRunning(did));
  });

  test.each([
    { name: "is another node's", current: boundTo("theirs") },
    { name: "is for a later pod of the same name", current: boundTo("ours", "later") },
    { name: "is for a pod that is gone", current: { status: 404, body: {} } },
  ])("$name: hands off", async ({ current }) => {
    const { worker, did } = startWorld(refusing(current));
    await worker.done;
    expect(did).toEqual(["POST web/binding", "GET web"]);
  });

  test("for a reason that we did not foresee is said aloud", async () => {
    const { worker } = startWorld(() => ({ status: 422, body: { message: "no" } }));
    await expect(worker.done).rejects.toThrow('answered 422: {"message":"no"}');
  });
});
