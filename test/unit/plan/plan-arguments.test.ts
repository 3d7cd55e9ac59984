// The arguments of plan: what they mean, and what is said of those that mean nothing.

import { expect, test } from "vitest";
import { readPlanArguments } from "../../../src/plan/plan-arguments.ts";
import { planFlags, planUsage } from "../../../src/plan/plan-usage.ts";

const args = (text: string): string[] => text.split(" ");

test("everything that can be said", () => {
  const request = readPlanArguments(
    args(
      "-f a.yaml -f - b.yaml -n shop -o json --max-connections 200 --max-connections DB:6000=90 " +
        "--reserved-connections 5 --role-limit app=30 --other-sessions 7 --read " +
        "--what-if replicas=Deployment/web=4 --namespace-quotas shop=40%,*=9",
    ),
  );
  expect(request).toEqual({
    inputs: ["a.yaml", "-", "b.yaml"],
    namespace: "shop",
    output: "json",
    limits: {
      maxConnections: new Map([
        ["*", 200],
        ["db:6000", 90],
      ]),
      ...{ reservedConnections: 5, roleLimits: { app: 30 }, otherSessions: 7 },
    },
    reads: true,
    whatIfs: [expect.objectContaining({ field: "replicas", kind: "Deployment", value: 4 })],
    namespaceQuotas: [
      { namespace: "shop", amount: 40, unit: "percent" },
      { namespace: "*", amount: 9, unit: "slots" },
    ],
  });
});

test("help is asked for, and names every flag", () => {
  expect(readPlanArguments(["--help"])).toBeUndefined();
  for (const { name } of planFlags) expect(planUsage).toContain(`--${name}`);
});

test.each([
  ["", "say what to plan: poolwarden plan -f FILE, -f FOLDER, or -f - for standard input"],
  ["--unknown", "Unknown option '--unknown'; see poolwarden plan --help"],
  ["-f a -o xml", '--output "xml": must be one of text, json, yaml, markdown'],
  [
    "-f a --max-connections many",
    '--max-connections "many": must be a whole number, or HOST:PORT=N, at most 1000000',
  ],
  ["-f a --max-connections 0", '--max-connections "0": must be at least 1'],
  ["-f a --max-connections 1.5", '--max-connections "1.5": must be a whole number'],
  ["-f a --max-connections -5", "--max-connections"],
  ["-f a --role-limit 30", '--role-limit "30": must be ROLE=N, N a whole number'],
  ["-f a --other-sessions x", '--other-sessions "x": must be a whole number'],
  ["-f a --what-if replicas=web=4", '--what-if "replicas=web=4": write replicas=Deployment/web=40'],
  ["-f a --what-if replicas=Deployment/web=9999999", "pods are planned for"],
  ["-f a --namespace-quotas shop", '--namespace-quotas: "shop" is not a valid quota'],
])("plan %s: %s", (text, want) => {
  expect(() => readPlanArguments(text === "" ? [] : args(text))).toThrow(want);
});
