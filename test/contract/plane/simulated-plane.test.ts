// The simulated cluster keeps what the real control plane keeps: see plane-contract.test.ts among
// the integration tests, where the same suites judge the real one.

import { describe } from "vitest";
import { testAdmission } from "./admission.contract.ts";
import { testPolicies } from "./policies.contract.ts";
import { testRollouts } from "./rollouts.contract.ts";
import { testEvictions } from "./evictions.contract.ts";
import { openSimulatedPlane } from "./simulated-plane.ts";
import { testStrategies } from "./strategies.contract.ts";
import { testWrites } from "./writes.contract.ts";

const open = (): Promise<ReturnType<typeof openSimulatedPlane>> =>
  Promise.resolve(openSimulatedPlane());

describe("rollouts of the simulated cluster", () => {
  testRollouts(open);
});

describe("strategies of the simulated cluster", () => {
  testStrategies(open);
});

describe("writes to the simulated cluster", () => {
  testWrites(open);
});

describe("policies of the simulated cluster", () => {
  testPolicies(open);
});

describe("admission to the simulated cluster", () => {
  testAdmission(open);
});

describe("evictions in the simulated cluster", () => {
  testEvictions(open);
});
