// Whatever somebody gives to plan, he gets a sentence with the place and the way out: never a stack
// trace, never an answer to another question.

import { describe, expect, test } from "vitest";
import {
  anAutoscaler,
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  declared,
  manifests,
  planOn,
  sizesIn,
} from "../../support/plan-setup.ts";

const web = aWorkloadNamed("web");

function selecting(selector: string, labels: string): string {
  const template = `template: { metadata: { labels: { ${labels} } }, `;
  return web.replace("template: {", `selector: { ${selector} }\n  ${template}`);
}

describe("bad input", () => {
  const policy = aPolicyOn(declared);

  test.each<{ name: string; text: string; want: string }>([
    {
      name: "nothing",
      text: "",
      want: "standard input is empty",
    },
    {
      name: "broken YAML",
      text: manifests(policy, "a: [\nb: 1"),
      want: "standard input, document 2, line 10: is not YAML: deficient indentation",
    },
    {
      name: "no policy",
      text: web,
      want: "no PoolPolicy among the manifests, 1 other object: add the file with the policy",
    },
    {
      name: "no object at all",
      text: "hello",
      want: "no PoolPolicy among the manifests, nothing that a plan is about",
    },
    {
      name: "a policy that the CRD refuses",
      text: aPolicyOn('{ address: "db:5432", maxConnections: 0 }'),
      want: "document 1, line 1: PoolPolicy shop/orders is invalid: spec.database.maxConnections is 0: it must be at least 1",
    },
    {
      name: "a policy that breaks a rule of the CRD",
      text: aPolicyOn('{ address: "db:5432" }'),
      want: "PoolPolicy shop/orders is invalid: spec.database",
    },
    {
      name: "a size without quotes",
      text: manifests(policy, aWorkloadNamed("web", { env: "[{ name: POOL, value: 20 }]" })),
      want: 'Deployment shop/web: container app: env POOL is the number 20; Kubernetes takes text only: write "20"',
    },
    {
      name: "a switch without quotes",
      text: manifests(policy, aWorkloadNamed("web", { env: "[{ name: LAZY, value: true }]" })),
      want: 'env LAZY is the boolean true; Kubernetes takes text only: write "true"',
    },
    {
      name: "a ConfigMap with a number",
      text: manifests(
        policy,
        web,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: sizes }\ndata: { size: 20 }",
      ),
      want: 'ConfigMap default/sizes: data.size is the number 20; Kubernetes takes text only: write "20"',
    },
    {
      name: "an autoscaler with more pods at least than at most",
      text: manifests(
        policy,
        web,
        anAutoscaler("web", 2).replace("maxReplicas", "minReplicas: 3, maxReplicas"),
      ),
      want: "spec.minReplicas is 3 and spec.maxReplicas is 2: minReplicas must be at most maxReplicas",
    },
    {
      name: "a selector of other labels than the template's",
      text: manifests(policy, selecting("matchLabels: { app: web }", "app: api")),
      want: "spec.selector asks for the label app=web, and spec.template.metadata.labels has app=api: write the same in both",
    },
    {
      name: "a selector of a label that the template does not have",
      text: manifests(policy, selecting("matchLabels: { app: web }", "tier: web")),
      want: "spec.selector asks for the label app=web, and spec.template.metadata.labels has no app",
    },
    {
      name: "a selector whose expressions the template does not meet",
      text: manifests(
        policy,
        selecting("matchExpressions: [{ key: app, operator: In, values: [a, b] }]", "app: c"),
      ),
      want: "spec.selector does not match spec.template.metadata.labels",
    },
    {
      name: "a misspelt field",
      text: aPolicyOn(declared, "  reserves: { connections: 20 }"),
      want: 'is invalid: strict decoding error: unknown field "spec.reserves"',
    },
    {
      name: "a misspelt field in a list",
      text: policy.replace("selector:", "wieght: 2, selector:"),
      want: 'unknown field "spec.workloads[0].wieght"',
    },
    {
      name: "another version",
      text: policy.replace("v1alpha1", "v2"),
      want: 'no matches for kind "PoolPolicy" in version "poolwarden.dev/v2"',
    },
    {
      name: "a misspelt kind beside a policy",
      text: manifests(policy, policy.replace("PoolPolicy", "PoolPolcy")),
      want: 'no matches for kind "PoolPolcy" in version "poolwarden.dev/v1alpha1": write PoolPolicy',
    },
    {
      name: "a workload twice",
      text: manifests(policy, web, web.replace("replicas: 4", "replicas: 5")),
      want: "document 3, line 16: Deployment shop/web stands twice and differs: first in standard input, document 2, line 9. Leave one of them out",
    },
    {
      name: "an object without a name",
      text: manifests(policy, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {}"),
      want: "document 2, line 9: Deployment: metadata.name: Required value",
    },
    {
      name: "an object that the API server is to name",
      text: manifests(
        policy,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { generateName: web- }",
      ),
      want: "Deployment: metadata.name: Required value: generateName cannot be applied, so write a name",
    },
    {
      name: "replicas that are a text",
      text: manifests(policy, web.replace("replicas: 4", 'replicas: "4"')),
      want: 'Deployment shop/web: spec.replicas is "4": it must be a whole number, at least 0',
    },
    {
      name: "a patch",
      text: manifests(policy, "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }"),
      want: "Required value. If it is a patch, give what kustomize build prints",
    },
    {
      name: "an autoscaler without a maximum",
      text: manifests(policy, web, anAutoscaler("web", 2).replace("maxReplicas: 2,", "")),
      want: "spec.maxReplicas: Required value",
    },
    {
      name: "an autoscaler of nothing",
      text: manifests(
        policy,
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec: { maxReplicas: 2 }",
      ),
      want: "spec.scaleTargetRef.name: Required value",
    },
  ])("$name", async ({ text, want }) => {
    const { code, stdout, stderr } = await planOn(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(want);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("many problems are told, and not thousands", async () => {
    const { stderr } = await planOn(Array.from({ length: 300 }, () => "a: [").join("\n---\n"));
    expect(stderr.split("\n").at(-2)).toBe("poolwarden plan: and 280 more");
  });

  test("a selector that picks nothing does not fit, and says so", async () => {
    const { code, stdout } = await planOn(policy);
    expect(code).toBe(1);
    expect(stdout).toContain("NoWorkloads: no entry of spec.workloads matches a Deployment");
  });

  test("an entry without a kind that names a StatefulSet says which kind to write", async () => {
    const named = policy.replace(/workloads: .*/, "workloads: [{ name: web }]");
    const store = aWorkloadNamed("web", { kind: "StatefulSet" });
    const { code, stdout } = await planOn(manifests(named, store));
    expect(code).toBe(1);
    expect(stdout).toContain(
      'There is a StatefulSet "web": set spec.workloads[0].kind to Stateful',
    );
  });

  test("a container that sets another variable than the policy names is told of", async () => {
    const other = aWorkloadNamed("web", { env: "[{ name: POOL_MAX, value: '25' }]" });
    const { stdout } = await planOn(manifests(policy, other));
    expect(stdout).toContain(
      "container app does not set DB_POOL_MAX_SIZE, so its pool is counted as 10",
    );
  });

  test("an object that stands twice and says the same is counted once", async () => {
    const answer = await answerOn(manifests(policy, web, web));
    expect(answer.notes).toEqual(["1 object stands twice and is the same: counted once"]);
    expect(sizesIn(answer)).toEqual(["Deployment/web=23"]);
  });

  test("a Secret without the key that the policy names", async () => {
    const empty =
      "{ apiVersion: v1, kind: Secret, metadata: { name: orders-db, namespace: shop } }";
    const { code, stdout } = await planOn(manifests(aPolicyOn(bySecret), web, empty));
    expect(code).toBe(2);
    expect(stdout).toContain("SecretKeyMissing: secret shop/orders-db has no key uri");
  });
});
