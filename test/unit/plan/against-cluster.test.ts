// A plan over a fleet that runs. The fleet is one that the same program has decided, so it is at
// rest; the same against a real control plane is in test/integration/plan-against-cluster.test.ts.

import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { load } from "js-yaml";
import { parseSpec } from "../../../src/api/poolpolicy.ts";
import type { Answer } from "../../../src/plan/answer.ts";
import type { LiveFleet } from "../../../src/plan/live-fleet.ts";
import { runPlan } from "../../../src/plan/plan-command.ts";
import { aFleetOf, stepsIn } from "../../support/plan-fleet.ts";
import {
  answerOn,
  anAutoscaler,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  manifests,
  planMs,
  planOn,
} from "../../support/plan-setup.ts";

const policy = aPolicyOn(bySecret);
const running = manifests(policy, aWorkloadNamed("web"), aWorkloadNamed("jobs", { replicas: 2 }));
const uri = "postgres://app@db.shop.svc/shop";

async function planned(text: string, args: readonly string[] = []): Promise<Answer> {
  return answerOn(text, ["--against-cluster", ...args], {
    fleet: await aFleetOf(running, { uri }),
  });
}

const nothingElse = {
  ...{ stdin: Readable.from([]), nowMs: planMs, uri: undefined },
  openDatabase: (): never => {
    throw new Error("no database is to be read");
  },
};

describe("a plan over what runs", () => {
  test("of manifests that are what runs changes nothing, and knows the server without its Secret", async () => {
    const answer = await planned(running);
    expect(stepsIn(answer)).toEqual([]);
    expect(answer).toMatchObject({ fits: true, peaks: [], notes: [] });
    expect(answer.servers).toMatchObject([
      { server: "db.shop.svc:5432", maxConnections: 100, limitFrom: "as the operator has read it" },
    ]);
  });

  test("of one workload that is scaled says what follows for its neighbour, in order", async () => {
    const answer = await planned(aWorkloadNamed("web", { replicas: 6 }));
    expect(stepsIn(answer)).toMatchInlineSnapshot(`
      [
        "apply: Deployment shop/web is scaled from 4 to 6 pods",
        "operator: Deployment shop/jobs next pods get a pool size of 13, before 14",
        "operator: Deployment shop/web next pods get a pool size of 5, before 7",
        "operator: Deployment shop/jobs is rolled: 2 pods replaced by pods of that size",
        "operator: Deployment shop/web 1 pod evicted, for pods of that size",
        "operator: Deployment shop/web is rolled: 6 pods replaced by pods of that size",
      ]
    `);
    expect(
      answer.servers[0]?.pools.map(({ pool, poolSizeBefore, poolSize }) => [
        pool,
        poolSizeBefore,
        poolSize,
      ]),
    ).toMatchInlineSnapshot(`
      [
        [
          "Deployment/jobs",
          14,
          13,
        ],
        [
          "Deployment/web",
          7,
          5,
        ],
      ]
    `);
  });

  test("says how far pods that start at once go beyond the budget", async () => {
    const answer = await planned(aWorkloadNamed("web", { replicas: 40 }));
    expect(answer.exitStatus).toBe(1);
    expect(answer.peaks).toMatchInlineSnapshot(`
      [
        {
          "budget": 86,
          "rolloutsMax": 1,
          "server": "db.shop.svc:5432",
          "slots": 308,
          "starts": [
            {
              "how": "scaled",
              "object": "Deployment shop/web",
            },
          ],
          "untilStep": 5,
        },
      ]
    `);
    const { stdout } = await planOn(
      aWorkloadNamed("web", { replicas: 40 }),
      ["--against-cluster"],
      { fleet: await aFleetOf(running, { uri }) },
    );
    expect(stdout).toContain("  2. operator: Deployment shop/jobs next pods get a pool size of 2");
    expect(stdout).toContain("db.shop.svc:5432: pods hold up to 308 of 86 slots, until step");
  });

  test("plans for the autoscaler that comes first, so nothing is over on the way", async () => {
    const answer = await planned(anAutoscaler("web", 6));
    expect(stepsIn(answer)).toMatchInlineSnapshot(`
      [
        "apply: HorizontalPodAutoscaler shop/web is created: at most 6 pods",
        "operator: Deployment shop/jobs next pods get a pool size of 13, before 14",
        "operator: Deployment shop/web next pods get a pool size of 5, before 7",
        "operator: Deployment shop/web is rolled: 4 pods replaced by pods of that size",
        "operator: Deployment shop/jobs is rolled: 2 pods replaced by pods of that size",
      ]
    `);
    expect(answer.peaks).toEqual([]);
  });

  test("keeps the slots of foreign sessions, which only the operator has seen", async () => {
    const fleet = await aFleetOf(running, { uri, args: ["--other-sessions", "7"] });
    const answer = await answerOn(running, ["--against-cluster"], { fleet });
    expect(answer.servers[0]?.budget).toBe(79);
  });

  test("goes by --max-connections where it is given, not by what is published", async () => {
    const [server] = (await planned(running, ["--max-connections", "500"])).servers;
    expect(server).toMatchObject({ maxConnections: 500, limitFrom: "given by --max-connections" });
  });

  test("leaves replicas that the manifest does not say to whoever sets them", async () => {
    const web = load(aWorkloadNamed("web")) as { spec: { replicas?: number } };
    delete web.spec.replicas;
    expect(stepsIn(await planned(JSON.stringify(web)))).toEqual([]);
  });

  test("counts a template that changes as a rollout", async () => {
    const web = aWorkloadNamed("web").replace("name: app", "name: app, image: 'web:2'");
    expect(stepsIn(await planned(web))).toMatchInlineSnapshot(`
      [
        "apply: Deployment shop/web gets another template, which replaces its pods",
      ]
    `);
  });

  test("answers a what-if on what runs, without any manifest", async () => {
    const change = "replicas=Deployment/web=6";
    const fleet = await aFleetOf(running, { uri });
    const { stdout } = await runPlan(["--against-cluster", "--what-if", change, "-o", "json"], {
      ...nothingElse,
      openFleet: () => Promise.resolve(fleet),
    });
    const answer = JSON.parse(stdout) as Answer;
    expect(answer.servers).toHaveLength(1);
    expect(stepsIn(answer)[0]).toBe(`apply: --what-if ${change}`);
  });
});

describe("fields that a manifest says no more", () => {
  const web = load(aWorkloadNamed("web")) as { spec: { replicas?: number } };
  const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

  /** The fleet, as `kubectl apply` has left it: `web` with `said` in its manifest. */
  async function appliedFleet(said: object): Promise<LiveFleet> {
    const fleet = await aFleetOf(running, { uri });
    const objects = fleet.objects.map((one) => {
      if (one.name !== "web") return one;
      const metadata = one.raw["metadata"] as object;
      const annotations = { [lastApplied]: JSON.stringify(said) };
      return { ...one, raw: { ...one.raw, metadata: { ...metadata, annotations } } };
    });
    return { ...fleet, objects };
  }

  test("replicas that kubectl has applied go back to 1, and it is said how to keep them", async () => {
    const without = { ...web, spec: { ...web.spec, replicas: undefined } };
    const fleet = await appliedFleet(web);
    const answer = await answerOn(JSON.stringify(without), ["--against-cluster"], { fleet });
    expect(stepsIn(answer)[0]).toBe(
      "apply: Deployment shop/web is scaled from 4 to 1 pod: its manifest no longer says replicas, and the default is 1. To keep them, say replicas",
    );
  });

  test("a variable that no manifest has had stays", async () => {
    const without = load(aWorkloadNamed("web", { env: "[]" })) as object;
    const fleet = await appliedFleet(without);
    const answer = await answerOn(JSON.stringify(without), ["--against-cluster"], { fleet });
    expect(stepsIn(answer)).toEqual([]);
    const [, pool] = answer.servers[0]?.pools ?? [];
    expect(pool).toMatchObject({ pool: "Deployment/web", templatePoolSize: 50 });
  });

  test("a variable that kubectl has applied is removed, which replaces the pods", async () => {
    const without = load(aWorkloadNamed("web", { env: "[]" })) as object;
    const fleet = await appliedFleet(web);
    const answer = await answerOn(JSON.stringify(without), ["--against-cluster"], { fleet });
    expect(stepsIn(answer)[0]).toBe(
      "apply: Deployment shop/web gets another template, which replaces its pods",
    );
  });
});

test("a policy with the defaults that the CRD adds is as its manifest says", async () => {
  const fleet = await aFleetOf(running, { uri });
  const objects = fleet.objects.map((one) => {
    const parsed = parseSpec(one.raw["spec"]);
    return "spec" in parsed ? { ...one, raw: { ...one.raw, spec: parsed.spec } } : one;
  });
  const options = { fleet: { ...fleet, objects } };
  expect(stepsIn(await answerOn(policy, ["--against-cluster"], options))).toEqual([]);
});

describe("an autoscaler alone", () => {
  const fixed = policy.replace(
    "workloads: [{ selector: { matchLabels: { team: orders } } }]",
    "workloads: [{ name: web, poolSize: { min: 2, max: 2 } }]",
  );
  const text = manifests(fixed, aWorkloadNamed("web", { replicas: 10 }), anAutoscaler("web", 12));

  test("that does not fit fails, although no size moves", async () => {
    const fleet = await aFleetOf(text, { uri });
    const options = { fleet };
    const answer = await answerOn(anAutoscaler("web", 60), ["--against-cluster"], options);
    expect(answer).toMatchObject({ exitStatus: 1 });
    expect(answer.servers).toMatchObject([{ server: "db.shop.svc:5432" }]);
  });

  test("that changes nothing shows the server of what it scales", async () => {
    const fleet = await aFleetOf(text, { uri });
    const options = { fleet };
    const answer = await answerOn(anAutoscaler("web", 12), ["--against-cluster"], options);
    expect(answer).toMatchObject({ exitStatus: 0, steps: [] });
    expect(answer.servers).toMatchObject([{ server: "db.shop.svc:5432" }]);
  });
});

describe("what pods hold on the way", () => {
  const another = (name: string): string =>
    aWorkloadNamed(name, { replicas: name === "web" ? 4 : 2 }).replace(
      "name: app",
      "name: app, image: 'x:2'",
    );
  const both = manifests(another("web"), another("jobs"));

  test("with one rollout fits, because there is room for one", async () => {
    const answer = await planned(another("web"));
    expect(answer).toMatchObject({ exitStatus: 0, peaks: [] });
  });

  test("with more rollouts at once than there is room for is said, with the way out", async () => {
    const { code, stdout } = await planOn(both, ["--against-cluster"], {
      fleet: await aFleetOf(running, { uri }),
    });
    expect(code).toBe(1);
    expect(stdout).toContain("of 86 slots");
    expect(stdout).toContain("2 rollouts at once: Deployment shop/");
    expect(stdout).toContain(
      "there is room for 1. Apply one after the other, or set reserve.rollouts: 2",
    );
  });

  test("with new workloads that start at once is said with another way out", async () => {
    const { stdout } = await planOn(aWorkloadNamed("reports"), ["--against-cluster"], {
      fleet: await aFleetOf(running, { uri }),
    });
    expect(stdout).toContain("Deployment shop/reports with replicas: 0");
  });

  test("counts for nothing where it was so before, and the change makes it no worse", async () => {
    const over = manifests(policy, aWorkloadNamed("web", { replicas: 3 }));
    const fleet = await aFleetOf(over, { uri });
    const answer = await answerOn(
      manifests(anAutoscaler("web", 4)),
      ["--against-cluster", "--max-connections", "30"],
      { fleet },
    );
    expect(answer.peaks).toEqual([]);
  });
});

test("pods that are too large for a rollout are evicted one by one until all fit, as by the operator", async () => {
  const text = manifests(policy, aWorkloadNamed("web"));
  const fleet = await aFleetOf(text, { uri });
  const options = { fleet };
  const answer = await answerOn(
    aWorkloadNamed("web", { replicas: 6 }),
    ["--against-cluster"],
    options,
  );
  expect(answer.policies).toMatchObject([{ fits: true }]);
});
