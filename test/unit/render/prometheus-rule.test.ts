// The alert rules of a policy as text: which there are, and that no name of a user gets out of its
// quotes. What they fire on is in alerts.test.ts, what metrics they name in alert.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Manifest } from "../../../src/ports.ts";
import { buildPrometheusRule } from "../../../src/render/prometheus-rule.ts";
import { quote } from "../../../src/render/promql.ts";
import { hostileText as hostile } from "../../support/hostile-text.ts";
import { aPolicy } from "../../support/builders.ts";
import { checkRules, promtoolPath, rulesOf } from "../../support/promtool.ts";

const server = "db.shop.svc:5432";
const runbooks = "https://wiki.example/runbooks/";
const everything = { poolMetrics: "Micrometer", postgresExporter: true } as const;

function ruleFor(alerts: object, onServer = server, name = "orders"): Manifest {
  const policy = aPolicy(name, {
    spec: {
      database: { secretRef: { name: "db" } },
      workloads: [{ selector: { matchLabels: { team: "shop" } } }],
      alerts,
    },
  });
  return buildPrometheusRule(policy, onServer, runbooks);
}

const always = [
  "DatabaseUnhealthy",
  "PoolBudgetNearlyUsed",
  "PoolBudgetExceeded",
  "PoolPolicyInfeasible",
  "ForeignSessionsGrowing",
  "PoolGrowthBlocked",
  "PodsStartedUnsized",
  "PodsNotFollowing",
  "PodsWaitingForSlots",
  "PoolPolicyNotReconciled",
  "PoolwardenAbsent",
];

describe("which alerts a policy gets", () => {
  it.each<{ name: string; alerts: object; wantMore: readonly string[] }>([
    { name: "by default the operator's own", alerts: {}, wantMore: [] },
    {
      name: "HikariCP's pools on request",
      alerts: { poolMetrics: "Micrometer" },
      wantMore: ["ConnectionPoolExhausted"],
    },
    {
      name: "services with gauges of their own on request",
      alerts: { poolMetrics: "DbPool" },
      wantMore: ["ConnectionPoolExhausted", "DatabaseUnhealthy"],
    },
    {
      name: "postgres_exporter on request",
      alerts: { postgresExporter: true },
      wantMore: ["DatabaseUnhealthy"],
    },
  ])("$name", ({ alerts, wantMore }) => {
    const names = rulesOf(ruleFor(alerts)).map((rule) => rule.alert);

    expect(names.sort()).toEqual([...always, ...wantMore].sort());
  });

  it("each has a severity, the policy's name, a summary, a description with numbers, a runbook", () => {
    for (const { alert, labels, annotations } of rulesOf(ruleFor(everything))) {
      expect(["critical", "warning", "info"]).toContain(labels["severity"]);
      expect(labels).toMatchObject({ namespace: "shop", policy: "orders" });
      expect(annotations["summary"]).not.toBe("");
      expect(annotations["description"]).toMatch(/[0-9]|\$value|shop\/orders/);
      expect(annotations["runbook_url"]).toBe(`${runbooks}${alert}.md`);
    }
  });

  it("the threshold is the policy's", () => {
    const nearly = rulesOf(ruleFor({ usedPercent: 75 })).find(
      ({ alert }) => alert === "PoolBudgetNearlyUsed",
    );

    expect(nearly?.expr).toMatch(/>= 75$/);
    expect(nearly?.annotations["description"]).toContain("75 % is the threshold");
  });
});

describe("the object", () => {
  it("is owned by the policy, in its namespace, with the labels that Prometheus selects by", () => {
    const { metadata } = ruleFor({ labels: { release: "prometheus" } });

    expect(metadata).toEqual({
      namespace: "shop",
      name: "poolpolicy-orders",
      labels: {
        "app.kubernetes.io/managed-by": "poolwarden",
        release: "prometheus",
        "poolwarden.dev/policy": "uid-of-orders",
      },
      ownerReferences: [
        {
          apiVersion: "poolwarden.dev/v1alpha1",
          kind: "PoolPolicy",
          name: "orders",
          uid: "uid-of-orders",
          controller: true,
        },
      ],
    });
  });

  it("has a name that fits, whatever the policy's", () => {
    const uid = "0d2c7f0e-8d5f-4a6c-9b1e-2f3a4b5c6d7e";
    const names = ["a", "b"].map((end) => {
      const policy = aPolicy("p".repeat(252) + end, { uid: uid.replace("0d", `0${end}`) });
      return buildPrometheusRule(policy, server, runbooks).metadata.name;
    });

    expect(names.every((name) => name.length <= 253)).toBe(true);
    expect(new Set(names).size).toBe(2);
  });

  it("is what the golden file says", () => {
    const golden = join(import.meta.dirname, "../../golden/rules/everything.yaml");

    expect(stringify(ruleFor(everything), { lineWidth: 0 })).toBe(readFileSync(golden, "utf8"));
  });
});

describe("names that users choose with intent", () => {
  it("leave the rest of every rule as it is", () => {
    const blank = (text: string, quoted: string): string => text.replaceAll(quoted, '"…"');
    const plain = rulesOf(ruleFor(everything));
    fc.assert(
      fc.property(hostile, (text) => {
        fc.pre(text !== "");
        const rules = rulesOf(ruleFor(everything, text));
        rules.forEach(({ expr }, index) => {
          const want = blank(plain[index]?.expr ?? "", quote(server));
          expect(blank(expr, quote(text))).toBe(want);
        });
      }),
    );
  });

  it("pass promtool check rules", async ({ skip }) => {
    skip(promtoolPath === undefined, "promtool is not installed (Debian: prometheus)");
    const samples = fc.sample(hostile, { numRuns: 60, seed: 7 });

    const { code, output } = await checkRules(
      samples.map((text, index) => ruleFor(everything, text, `orders-${index}`)),
    );

    expect(output).toContain("SUCCESS");
    expect(code).toBe(0);
  });
});
