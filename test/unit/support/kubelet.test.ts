// The parts of the kubelet that need no API server: what it writes, what a process is given, and
// which addresses there are.
import { describe, expect, test } from "vitest";
import { renderFlags } from "../../support/control-plane/server-arguments.ts";
import { createInstantRuntime } from "../../support/kubelet/instant-runtime.ts";
import { findLoopbackAddresses } from "../../support/kubelet/loopback-addresses.ts";
import type { EnvironmentEntry, Pod } from "../../support/kubelet/pod.ts";
import {
  completedPatch,
  crashedPatch,
  isStartedAgain,
  runningPatch,
} from "../../support/kubelet/pod-status.ts";
import { containerEnvironment } from "../../support/kubelet/process-runtime.ts";

function buildPod(uid: string, spec: Partial<Pod["spec"]> = {}): Pod {
  const metadata = { name: "web-1", namespace: "shop", uid, annotations: { size: "7" } };
  return { metadata, spec: { containers: [{ name: "web" }, { name: "proxy" }], ...spec } };
}

const RUN = { address: "127.1.2.3", startTime: "2026-01-01T00:00:00Z", restarts: 2 };
const NOW = "2026-01-01T00:01:00Z";

describe("the status of a pod", () => {
  const cases = [
    {
      name: "running",
      patch: runningPatch(buildPod("u"), RUN, NOW),
      phase: "Running",
      ready: "True",
    },
    {
      name: "crashed",
      patch: crashedPatch(buildPod("u"), RUN, 3, NOW),
      phase: "Running",
      ready: "False",
    },
    {
      name: "completed",
      patch: completedPatch(buildPod("u"), RUN, 0, NOW),
      phase: "Succeeded",
      ready: "False",
    },
    {
      name: "failed",
      patch: completedPatch(buildPod("u"), RUN, 3, NOW),
      phase: "Failed",
      ready: "False",
    },
  ];
  test.each(cases)("$name", ({ patch, phase, ready }) => {
    const { metadata, status } = patch;
    expect(metadata).toEqual({ uid: "u" });
    expect(status).toMatchObject({ phase, podIP: "127.1.2.3", startTime: RUN.startTime });
    expect(status["conditions"]).toContainEqual({
      type: "Ready",
      status: ready,
      lastTransitionTime: NOW,
    });
    const containers = status["containerStatuses"] as { ready: boolean; restartCount: number }[];
    expect(containers.map((container) => [container.ready, container.restartCount])).toEqual([
      [ready === "True", 2],
      [ready === "True", 2],
    ]);
  });

  test.each([
    { restartPolicy: undefined, exitCode: 0, want: true },
    { restartPolicy: "Always" as const, exitCode: 0, want: true },
    { restartPolicy: "OnFailure" as const, exitCode: 0, want: false },
    { restartPolicy: "OnFailure" as const, exitCode: 1, want: true },
    { restartPolicy: "Never" as const, exitCode: 1, want: false },
  ])("$restartPolicy after code $exitCode: starts again $want", (row) => {
    const spec = row.restartPolicy === undefined ? {} : { restartPolicy: row.restartPolicy };
    expect(isStartedAgain(buildPod("u", spec), row.exitCode)).toBe(row.want);
  });
});

describe("the environment of a process", () => {
  const cases: { name: string; env: EnvironmentEntry[]; want: Record<string, string> }[] = [
    { name: "nothing of its own", env: [], want: {} },
    { name: "a literal", env: [{ name: "A", value: "1" }], want: { A: "1" } },
    { name: "an empty literal", env: [{ name: "A", value: "" }], want: { A: "" } },
    {
      name: "the last of two with one name, as in Kubernetes",
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
      want: { A: "2" },
    },
    {
      name: "fields of the pod",
      env: ["status.podIP", "metadata.name", "metadata.namespace", "metadata.uid"].map(
        (fieldPath, position) => ({ name: `F${position}`, valueFrom: { fieldRef: { fieldPath } } }),
      ),
      want: { F0: "127.1.2.3", F1: "web-1", F2: "shop", F3: "u" },
    },
    {
      name: "an annotation that is there and one that is not",
      env: ["size", "none"].map((key) => ({
        name: key.toUpperCase(),
        valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${key}']` } },
      })),
      want: { SIZE: "7", NONE: "" },
    },
  ];
  test.each(cases)("$name", ({ env, want }) => {
    const { PATH, ...rest } = containerEnvironment(
      buildPod("u"),
      { name: "web", env },
      "127.1.2.3",
    );
    expect(PATH).toBe(process.env["PATH"]);
    expect(rest).toEqual({ POD_IP: "127.1.2.3", POD_NAME: "web-1", ...want });
  });
});

describe("loopback addresses", () => {
  test("are each pod's own where the system has them", async () => {
    const next = await findLoopbackAddresses(() => Promise.resolve(true));
    const addresses = Array.from({ length: 1_000 }, next);
    expect(new Set(addresses).size).toBe(1_000);
    for (const address of addresses) expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/);
  });

  test("are 127.0.0.1 for all elsewhere", async () => {
    const next = await findLoopbackAddresses(() => Promise.resolve(false));
    expect([next(), next()]).toEqual(["127.0.0.1", "127.0.0.1"]);
  });
});

describe("the instant runtime", () => {
  test("gives each pod an address of its own, the same after a restart", async () => {
    const runtime = createInstantRuntime();
    const [first, second, again] = [
      await runtime.start(buildPod("a")),
      await runtime.start(buildPod("b")),
      await runtime.start(buildPod("a")),
    ];
    expect(first.address).not.toBe(second.address);
    expect(again.address).toBe(first.address);
  });

  test("waits for what the test settles, but not beyond the grace period", async () => {
    const never = new Promise<undefined>(() => undefined);
    const runtime = createInstantRuntime({ startDelay: () => never, stopDelay: () => never });
    const starting = runtime.start(buildPod("a"));
    await runtime.stop(buildPod("a"), 10);
    const first = await Promise.race([starting.then(() => "started"), Promise.resolve("waiting")]);
    expect(first).toBe("waiting");
    await runtime.close();
    await starting;
  });
});

test("flags: values, switches, overrides, and null for none", () => {
  const flags = renderFlags({ a: "1", b: "", c: "3", d: "4" }, { c: null, d: "5", e: "6" });
  expect(flags).toEqual(["--a=1", "--b", "--d=5", "--e=6"]);
});
