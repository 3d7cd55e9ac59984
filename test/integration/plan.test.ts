// `poolwarden plan` against the operator: the same manifests on a real control plane come to the
// same shares, for the same planned pods, as the plan said before anything was applied. Each fleet
// is an example, or a situation that somebody really had, on a server of its own with a declared
// limit.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";
import type { Answer } from "../../src/plan/answer.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import {
  declaredExamples,
  installScaledObjects,
  removeScaledObjects,
} from "../support/examples.ts";
import { openFleet } from "../support/fleet.ts";
import type { Fleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { waitUntil } from "../support/processes.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { answerOn } from "../support/plan-setup.ts";

const folder = join(import.meta.dirname, "..", "support", "declared-fleets");
const kubectl = inject("controlPlane");

type Situation = { readonly name: string; readonly text: string; readonly namespace: string };

const hadByPeople: readonly Situation[] = globSync("*.yaml", { cwd: folder })
  .sort()
  .map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const [first] = parseAllDocuments(text);
    const { metadata } = first?.toJS() as KubernetesObject;
    return { name: basename(file, ".yaml"), text, namespace: metadata.namespace ?? "" };
  });

// So few that almost every example is bound by the server, and not by its ceiling.
const situations = [...hadByPeople, ...declaredExamples(120)];

const fleets = new Map<string, Fleet>();
let operator: OperatorProcess;

beforeAll(async () => {
  await ensureAdmissionWorks(kubectl);
  await installScaledObjects(kubectl);
  for (const { namespace, text } of situations) {
    fleets.set(namespace, await openFleet({ kubectl, namespace, runtime: createInstantRuntime() }));
    const applied = await runKubectl(kubectl, ["apply", "-f", "-"], { stdin: text });
    expect(applied).toMatchObject({ code: 0 });
  }
  const names = situations.map(({ namespace }) => namespace).join(",");
  const { kubeconfigPath } = kubectl;
  operator = await startOperator({ kubeconfigPath, flags: ["--namespaces", names] });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await Promise.all([...fleets.values()].map((fleet) => fleet[Symbol.asyncDispose]()));
  await removeScaledObjects(kubectl);
});

/** By policy: `Deployment/web 10 pods, share 6`. */
function planned({ policies }: Answer): ReadonlyMap<string, readonly string[]> {
  return new Map(
    policies.map(({ policy, status }) => [policy, (status.workloads ?? []).map(sayRow)]),
  );
}

function sayRow({ workload, plannedPods, wantedPoolSize }: WorkloadRow): string {
  return `${workload} ${plannedPods} pods, share ${wantedPoolSize}`;
}

describe.each(situations)("$name", ({ text, namespace }) => {
  it("is planned as the operator then publishes it", async () => {
    const answer = await answerOn(text);
    for (const [policy, want] of planned(answer)) {
      const name = policy.slice(policy.indexOf("/") + 1);
      let published: readonly string[] = [];
      await waitUntil(
        `the shares of ${policy}`,
        async () => {
          const status = await fleets.get(namespace)?.statusOf(name);
          published = (readList(status, "workloads") as WorkloadRow[]).map(sayRow);
          return published.join() === want.join();
        },
        30_000,
      ).catch(() => undefined);
      expect(published).toEqual(want);
    }
  });
});
