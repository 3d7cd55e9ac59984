// Which values the admission policy writes over, and in which containers: a variable that holds no
// number is something else than a size, whatever its name is, and an init container that keeps
// running is a container. On a real API server, with grants that a policy may give.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  buildPolicy,
  deploymentPod,
  envOf,
  grantOf,
  installGrants,
  sizeOf,
  tryPod,
} from "../support/admission.ts";
import type { Entry, Grant } from "../support/admission.ts";
import { admitPod } from "../support/admitted-pod.ts";
import { read } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";

const namespace = "admission-values";
const sizes = grantOf(12).env;
const pool = { maxSize: "MY_POOL_SIZE", initialSize: "MY_POOL_INIT", overflow: "MY_POOL_OVERFLOW" };
const whole = [
  { name: "MY_POOL_INIT", value: "2" },
  { name: "MY_POOL_SIZE", value: "12" },
  { name: "MY_POOL_OVERFLOW", value: "0" },
];
const word = { name: "DB_ENV", value: "production" };
const grants: Readonly<Record<string, Grant>> = {
  "Deployment/web": grantOf(12),
  "Deployment/sidecar": { ...grantOf(12), container: "pooler" },
  "Deployment/whole": grantOf(12, whole),
  "Deployment/profiled": grantOf(12, [...sizes, word]),
};

let rest: KubernetesRest;

beforeAll(async () => {
  const policy = buildPolicy(namespace, "orders", { workloads: [{ name: "whole", env: pool }] });
  rest = await installGrants(inject("controlPlane"), policy, grants);
});

afterAll(() => {
  rest.close();
});

const size = (value: string): Entry => ({ name: "DB_POOL_MAX_SIZE", value });
const spare = { name: "SPARE", value: "40" };
const numbered = (place: number, value: string): Entry => ({ name: `V${place}`, value });
const numbers = (count: number): Entry[] =>
  Array.from({ length: count }, (_, place) => numbered(place, "1"));
const many = (entryAt: (place: number) => Entry): Entry[] =>
  Array.from({ length: 3_000 }, (_, place) => entryAt(place));
const fromElsewhere = {
  name: "SPARE",
  valueFrom: { configMapKeyRef: { name: "sizes", key: "pool" } },
};

describe("a variable that holds no number is never written over", () => {
  it.each<{ name: string; env: readonly Entry[] }>([
    { name: "a connection string", env: [size("Host=db;Username=app;Password=x")] },
    { name: "a URL", env: [size("postgresql://app:x@db/app?connection_limit=5")] },
    { name: "a word", env: [size("fifty")] },
    { name: "a list", env: [size("1,2")] },
    { name: "a number with a unit", env: [size("40 connections")] },
    { name: "two lines, of which one is a number", env: [size("40\nfifty")] },
    { name: "a reference to nothing", env: [size("$(SPARE)")] },
    { name: "a reference behind a space", env: [spare, size(" $(SPARE)")] },
    { name: "a reference with a line break", env: [spare, size("$(SPARE)\n")] },
    { name: "a number with a space that does not break", env: [size("40\u00a0")] },
    { name: "a number with a vertical tab", env: [size("40\u000b")] },
    { name: "a reference within a text", env: [spare, size("$(SPARE)x")] },
    { name: "a reference to a word", env: [{ name: "SPARE", value: "x" }, size("$(SPARE)")] },
    { name: "one of two entries", env: [size("40"), size("fifty")] },
    { name: "the minimum", env: [{ name: "DB_POOL_MIN_SIZE", value: "few" }] },
  ])("$name", async ({ env }) => {
    const parts = { ...deploymentPod("web"), containers: [{ name: "app", env }] };

    const pod = await admitPod(rest, namespace, parts);

    expect(envOf(pod)).toEqual(env);
    expect(sizeOf(pod)).toBeUndefined();
  });

  it.each<{ name: string; env: readonly Entry[]; wantKept?: readonly Entry[] }>([
    { name: "a number", env: [size("40")] },
    { name: "no limit", env: [size("0")] },
    { name: "a negative one", env: [size("-1")] },
    { name: "a fraction", env: [size("40.0")] },
    { name: "an empty one", env: [size("")] },
    { name: "spaces around it", env: [size(" 40 ")] },
    { name: "a reference to a number", env: [spare, size("$(SPARE)")], wantKept: [spare] },
    {
      name: "a reference to what comes from elsewhere",
      env: [fromElsewhere, size("$(SPARE)")],
      wantKept: [fromElsewhere],
    },
  ])("but $name is", async ({ env, wantKept = [] }) => {
    const parts = { ...deploymentPod("web"), containers: [{ name: "app", env }] };

    const pod = await admitPod(rest, namespace, parts);

    expect(envOf(pod)).toEqual([...sizes, ...wantKept]);
    expect(sizeOf(pod)).toBe("12");
  });

  it.each<{ name: string; env: readonly Entry[]; wantSize: string | undefined }>([
    {
      name: "3,000 words beside 3,000 entries of the size that refer to a number",
      env: [...many((place) => numbered(place, "x")), spare, ...many(() => size("$(SPARE)"))],
      wantSize: undefined,
    },
    {
      name: "3,000 numbers beside 3,000 entries of the size that refer to the last of them",
      env: [...many((place) => numbered(place, "1")), spare, ...many(() => size("$(SPARE)"))],
      wantSize: undefined,
    },
    {
      name: "3,000 numbers beside 3,000 entries of the size that refer to nothing",
      env: [...many((place) => numbered(place, "1")), ...many(() => size("$(NONE)"))],
      wantSize: undefined,
    },
    {
      name: "20,000 numbers beside 20 entries of the size that refer to the last of them",
      env: [...numbers(20_000), spare, ...Array.from({ length: 20 }, () => size("$(SPARE)"))],
      wantSize: "12",
    },
    {
      name: "20,000 numbers beside 20 entries of the size that refer to nothing",
      env: [...numbers(20_000), ...Array.from({ length: 20 }, () => size("$(NONE)"))],
      wantSize: undefined,
    },
  ])("$name keep no pod from its start", async ({ env, wantSize }) => {
    const parts = { ...deploymentPod("web"), containers: [{ name: "app", env }] };
    const { status, body, message } = await tryPod(rest, namespace, parts);
    expect([status, sizeOf(body), message]).toEqual([201, wantSize, ""]);
  });

  it("a word that a profile sets may replace another word", async () => {
    const env = [{ name: "DB_ENV", value: "staging" }];
    const parts = { ...deploymentPod("profiled"), containers: [{ name: "app", env }] };
    const { body } = await tryPod(rest, namespace, parts);
    expect(envOf(body)).toEqual([...sizes, word]);
  });

  it("other containers and other variables hold what they like", async () => {
    const containers = [
      { name: "proxy", env: [size("fifty")] },
      { name: "app", env: [{ name: "DB_POOL_NAME", value: "main" }] },
    ];
    const parts = { ...deploymentPod("web"), containers };
    const { body } = await tryPod(rest, namespace, parts);
    expect(read(body, "spec", "containers", 0, "env")).toEqual([size("fifty")]);
    expect(read(body, "spec", "containers", 1, "env")).toEqual([
      ...sizes,
      { name: "DB_POOL_NAME", value: "main" },
    ]);
  });
});

describe("a sidecar that is an init container", () => {
  const app = { containers: [{ name: "app" }] };

  it("is sized", async () => {
    const pooler = { name: "pooler", env: [size("40"), spare], restartPolicy: "Always" };
    const initContainers = [{ name: "migrate" }, pooler];
    const parts = { ...deploymentPod("sidecar"), ...app, initContainers };
    const pod = await admitPod(rest, namespace, parts);
    expect(read(pod, "spec", "initContainers", 1, "env")).toEqual([...sizes, spare]);
    expect(read(pod, "spec", "containers", 0, "env")).toBeUndefined();
    expect(sizeOf(pod)).toBe("12");
  });

  it.each([
    { name: "holds no number", pooler: { env: [size("fifty")], restartPolicy: "Always" } },
    { name: "ends before the pod starts", pooler: { env: [size("40")] } },
  ])("is left alone where it $name", async ({ pooler }) => {
    const initContainers = [{ name: "pooler", ...pooler }];
    const parts = { ...deploymentPod("sidecar"), ...app, initContainers };
    const { status, body } = await tryPod(rest, namespace, parts);
    expect(status).toBe(201);
    expect(read(body, "spec", "initContainers", 0, "env")).toEqual(pooler.env);
    expect(sizeOf(body)).toBeUndefined();
  });
});

it("all variables of an entry are written", async () => {
  const env = [{ name: "MY_POOL_OVERFLOW", value: "-1" }];
  const parts = { ...deploymentPod("whole"), containers: [{ name: "app", env }] };
  const { body } = await tryPod(rest, namespace, parts);
  expect(envOf(body)).toEqual(whole);
});
