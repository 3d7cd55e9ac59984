// The arguments of plan: what they mean, and what is said of those that mean nothing.

import { expect, test } from "vitest";
import { readPlanArguments } from "../../../src/plan/plan-arguments.ts";
import { planFlags, planUsage } from "../../../src/plan/plan-usage.ts";

const args = (text: string): string[] => text.split(" ");

test("everything that can be said", () => {
  const request = readPlanArguments(
    args(
      "-f a.yaml -f - b.yaml -n shop -o json --max-connections 200 --max-connections DB:6000=90 " +
        "--reserved-connections 5 --role-limit app=30 --other-sessions 7 " +
        "--what-if replicas=Deployment/web=4 --namespace-quotas shop=40%,*=9",
    ),
  );
  expect(request).toEqual({
    inputs: ["a.yaml", "-", "b.yaml"],
    namespace: "shop",
    output: "json",
    limits: {
      maxConnections: [
        { text: "200", servers: [], connections: 200 },
        { text: "DB:6000=90", servers: ["db:6000"], connections: 90 },
      ],
      ...{ reservedConnections: 5, roleLimits: new Map([["app", 30]]), otherSessions: 7 },
    },
    reads: false,
    whatIfs: [expect.objectContaining({ field: "replicas", kind: "Deployment", value: 4 })],
    namespaceQuotas: [
      { namespace: "shop", amount: 40, unit: "percent" },
      { namespace: "*", amount: 9, unit: "slots" },
    ],
  });
});

test("a server without a port is one of each engine", () => {
  const request = readPlanArguments(args("-f a.yaml --max-connections DB.shop.svc=90"));
  expect(request?.limits.maxConnections).toEqual([
    {
      text: "DB.shop.svc=90",
      servers: ["db.shop.svc:5432", "db.shop.svc:3306", "db.shop.svc:6379"],
      connections: 90,
    },
  ]);
});

test("help is asked for, and names every flag", () => {
  expect(readPlanArguments(["--help"])).toBeUndefined();
  for (const { name } of planFlags) expect(planUsage).toContain(`--${name}`);
});

test.each([
  ["", "say what to plan: poolwarden plan -f FILE, -f FOLDER, or -f - for standard input"],
  [
    "--against-cluster",
    "say what to plan: poolwarden plan -f FILE, -f FOLDER, or -f - for standard input, " +
      "or --what-if CHANGE for a change of what runs",
  ],
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
  ["-f a --read --max-connections 9", "--read with --max-connections 9: --read reads that itself"],
  ["-f a --read --role-limit app=9", "--read with --role-limit app=9: --read reads that itself"],
  ["-f a --read --reserved-connections 9", "--read with --reserved-connections 9: --read reads"],
  ["-f a --max-connections 9 --max-connections 8", "--max-connections 9: the same server is given"],
  [
    "-f a --max-connections db=9 --max-connections DB:3306=8",
    "--max-connections DB:3306=8: the same",
  ],
  ["-f a --role-limit app=9 --role-limit app=8", "--role-limit app=8: app is given twice"],
  [
    "-f a --namespace-quotas shop=40,shop=50",
    '--namespace-quotas "shop=40,shop=50": a namespace is named twice: give each one quota',
  ],
  ["-f a --namespace-quotas shop", '--namespace-quotas: "shop" is not a valid quota'],
])("plan %s: %s", (text, want) => {
  expect(() => readPlanArguments(text === "" ? [] : args(text))).toThrow(want);
});
