// The real control plane, held to the suites that the simulated cluster keeps: where they differ,
// the simulation is wrong. On a plane of its own, because one of them restarts the API server.

import { afterAll, beforeAll, describe } from "vitest";
import { testAdmission } from "../contract/plane/admission.contract.ts";
import { testEvictions } from "../contract/plane/evictions.contract.ts";
import { testPolicies } from "../contract/plane/policies.contract.ts";
import { openRealPlane } from "../contract/plane/real-plane.ts";
import { testRollouts } from "../contract/plane/rollouts.contract.ts";
import { testStrategies } from "../contract/plane/strategies.contract.ts";
import { testWrites } from "../contract/plane/writes.contract.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { startInstalledPlane } from "../support/installed-plane.ts";

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startInstalledPlane();
}, 240_000);

afterAll(async () => {
  await plane.stop();
});

describe("rollouts of the real control plane", () => {
  testRollouts(() => openRealPlane(plane, "plane-rollouts"));
});

describe("strategies of the real control plane", () => {
  testStrategies(() => openRealPlane(plane, "plane-strategies"));
});

describe("writes to the real control plane", () => {
  testWrites(() => openRealPlane(plane, "plane-writes"));
});

describe("admission to the real control plane", () => {
  testAdmission(() => openRealPlane(plane, "plane-admission"));
});

describe("evictions on the real control plane", () => {
  testEvictions(() => openRealPlane(plane, "plane-evictions"));
});

// Last: it restarts the API server, whose admission then takes a while to act.
describe("policies of the real control plane", () => {
  testPolicies(() => openRealPlane(plane, "plane-policies"));
});
