// What the API server adds to a manifest changes nothing that a plan says: the same fleet with and
// without its defaults has the same sizes, and the one over the other is no step.

import { dump } from "js-yaml";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSpec } from "../../src/api/poolpolicy.ts";
import type { Answer } from "../../src/plan/answer.ts";
import { aFleetOf, stepsIn } from "../support/plan-fleet.ts";
import { answerOn, manifests } from "../support/plan-setup.ts";

interface Drawn {
  readonly kind: "Deployment" | "StatefulSet";
  readonly replicas: number;
  readonly size: number | undefined;
  readonly surge: number | string | undefined;
  readonly isScaled: boolean;
}

const drawn = fc.record<Drawn>({
  kind: fc.constantFrom("Deployment", "StatefulSet"),
  replicas: fc.integer({ min: 1, max: 12 }),
  size: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  surge: fc.constantFrom(undefined, 0, 2, "25%", "100%"),
  isScaled: fc.boolean(),
});

const uri = "postgres://app@db.shop.svc/shop";
const policySpec = {
  database: { secretRef: { name: "orders-db" } },
  workloads: [{ selector: { matchLabels: { team: "orders" } } }],
};

function policy(withDefaults: boolean): object {
  const parsed = parseSpec(policySpec);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return {
    ...{ apiVersion: "poolwarden.dev/v1alpha1", kind: "PoolPolicy" },
    metadata: { name: "orders", namespace: "shop" },
    spec: withDefaults ? parsed.spec : policySpec,
  };
}

/** As the API server of Kubernetes 1.36 stores it. */
function container(size: number | undefined, withDefaults: boolean): object {
  const env = size === undefined ? [] : [{ name: "DB_POOL_MAX_SIZE", value: String(size) }];
  const added = {
    ...{ imagePullPolicy: "IfNotPresent", resources: {} },
    ...{ terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" },
  };
  return { name: "app", image: "shop/app:1", env, ...(withDefaults && added) };
}

function podSpec(size: number | undefined, withDefaults: boolean): object {
  const added = {
    ...{ restartPolicy: "Always", dnsPolicy: "ClusterFirst", schedulerName: "default-scheduler" },
    ...{ securityContext: {}, terminationGracePeriodSeconds: 30 },
  };
  return { containers: [container(size, withDefaults)], ...(withDefaults && added) };
}

function defaultsOf({ kind, surge }: Drawn): object {
  if (kind === "StatefulSet") {
    const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 0 } };
    return { podManagementPolicy: "OrderedReady", revisionHistoryLimit: 10, updateStrategy };
  }
  const rollingUpdate = { maxSurge: surge ?? "25%", maxUnavailable: surge === 0 ? 1 : "25%" };
  const strategy = { type: "RollingUpdate", rollingUpdate };
  return { strategy, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 };
}

function strategyOf({ kind, surge }: Drawn): object {
  if (kind === "StatefulSet" || surge === undefined) return {};
  const unavailable = surge === 0 ? { maxUnavailable: 1 } : {};
  return { strategy: { rollingUpdate: { maxSurge: surge, ...unavailable } } };
}

function workload(one: Drawn, at: number, withDefaults: boolean): object[] {
  const { kind, replicas, size, isScaled } = one;
  const [name, labels] = [`web-${at}`, { app: `web-${at}`, team: "orders" }];
  const metadata = { name, namespace: "shop", labels };
  const template = { metadata: { labels }, spec: podSpec(size, withDefaults) };
  const spec = { replicas, selector: { matchLabels: { app: name } }, template };
  const rest = withDefaults ? defaultsOf(one) : strategyOf(one);
  const scaled = {
    ...{ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata },
    spec: {
      ...{ scaleTargetRef: { apiVersion: "apps/v1", kind, name }, maxReplicas: replicas + 3 },
      ...(withDefaults && { minReplicas: 1 }),
    },
  };
  const object = { apiVersion: "apps/v1", kind, metadata, spec: { ...spec, ...rest } };
  return [object, ...(isScaled ? [scaled] : [])];
}

function fleetOf(all: readonly Drawn[], withDefaults: boolean): string {
  const objects = all.flatMap((one, at) => workload(one, at, withDefaults));
  return manifests(...[policy(withDefaults), ...objects].map((one) => dump(one)));
}

function sized({ servers, exitStatus }: Answer): unknown {
  return { exitStatus, servers };
}

const fleets = fc.array(drawn, { minLength: 1, maxLength: 4 });
const limit = ["--max-connections", "120"];

test("a plan of manifests with the defaults of the API server is that of manifests without", async () => {
  await fc.assert(
    fc.asyncProperty(fleets, async (all) => {
      const [bare, stored] = await Promise.all(
        [false, true].map((added) => answerOn(fleetOf(all, added), limit, { uri })),
      );
      if (!bare || !stored) throw new Error("two answers");
      expect(sized(stored)).toEqual(sized(bare));
    }),
    { numRuns: 40 },
  );
});

test("manifests over the same as the API server stores them are no step", async () => {
  await fc.assert(
    fc.asyncProperty(fleets, async (all) => {
      const fleet = await aFleetOf(fleetOf(all, true), { uri });
      const answer = await answerOn(fleetOf(all, false), ["--against-cluster"], { fleet });
      expect(stepsIn(answer)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
