// Whoever can write the status of a policy sets the environment of pods. So the admission policy
// itself holds each grant against what a policy may say, and applies it whole or not at all; a pod
// that is left alone still starts. Tried on a real API server with grants we would never write.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  buildPolicy,
  deploymentPod,
  envOf,
  grantOf,
  installGrants,
  sizeOf,
} from "../support/admission.ts";
import type { Grant } from "../support/admission.ts";
import { admitPod } from "../support/admitted-pod.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";

const namespace = "admission-hostile";
const other = { name: "OTHER", value: "kept" };

const grants: Readonly<Record<string, Grant>> = {
  "Deployment/web": grantOf(12),
  "Deployment/custom": grantOf(12, [{ name: "MY_POOL_LIMIT", value: "12" }]),
  "Deployment/profiled": grantOf(12, [...grantOf(12).env, { name: "DB_ENV", value: "production" }]),
  "Deployment/path": grantOf(12, [...grantOf(12).env, { name: "PATH", value: "12" }]),
  "Deployment/preload": grantOf(12, [...grantOf(12).env, { name: "LD_PRELOAD", value: "12" }]),
  "Deployment/unnamed": grantOf(12, [...grantOf(12).env, { name: "THEIR_POOL_SIZE", value: "12" }]),
  "Deployment/strange": grantOf(12, [...grantOf(12).env, { name: "DB POOL", value: "12" }]),
  "Deployment/letters": grantOf(12, [
    { name: "DB_POOL_MIN_SIZE", value: "$(PATH)" },
    { name: "DB_POOL_MAX_SIZE", value: "12" },
  ]),
  "Deployment/newline": grantOf(12, [
    { name: "DB_POOL_MIN_SIZE", value: "1\n" },
    { name: "DB_POOL_MAX_SIZE", value: "12" },
  ]),
  "Deployment/word": grantOf(12, [...grantOf(12).env, { name: "DB_ENV", value: "evil" }]),
  "Deployment/zero": grantOf(0),
  "Deployment/empty": grantOf(12, []),
  "Deployment/lying": { ...grantOf(12), poolSize: 3 },
};

let rest: KubernetesRest;

beforeAll(async () => {
  rest = await installGrants(inject("controlPlane"), buildPolicy(namespace, "orders"), grants);
});

afterAll(() => {
  rest.close();
});

describe("a grant is applied whole or not at all", () => {
  it.each<{ workload: string; why: string; wantSize: string | undefined }>([
    { workload: "custom", why: "a name that the spec gives", wantSize: "12" },
    { workload: "profiled", why: "a word of a profile", wantSize: "12" },
    { workload: "path", why: "PATH", wantSize: undefined },
    { workload: "preload", why: "LD_PRELOAD", wantSize: undefined },
    { workload: "unnamed", why: "a name that neither spec nor preset gives", wantSize: undefined },
    { workload: "strange", why: "a name that is no identifier", wantSize: undefined },
    { workload: "letters", why: "a value that is no number", wantSize: undefined },
    { workload: "newline", why: "a number with a line end", wantSize: undefined },
    { workload: "word", why: "a word of no profile", wantSize: undefined },
    {
      workload: "zero",
      why: "a pool of 0, which libraries take for their default",
      wantSize: undefined,
    },
    { workload: "empty", why: "a size that no entry says", wantSize: undefined },
    { workload: "lying", why: "a size other than the entries'", wantSize: undefined },
  ])("$workload: $why", async ({ workload, wantSize }) => {
    const parts = { ...deploymentPod(workload), containers: [{ name: "app", env: [other] }] };

    const pod = await admitPod(rest, namespace, parts);

    expect(sizeOf(pod)).toBe(wantSize);
    const wantEnv = wantSize === undefined ? [] : (grants[`Deployment/${workload}`]?.env ?? []);
    expect(envOf(pod)).toEqual([...wantEnv, other]);
  });
});
