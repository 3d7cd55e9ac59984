// What the chart makes of its values, by the real Helm: under many combinations everything that it
// renders is sound, each switch does what it says, and what is misspelt is refused.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { usualRunbookBaseUrl } from "../../src/render/alert.ts";
import { useHelm } from "../support/helm/found-helm.ts";
import { chartPath, helmed, objectsIn, renderChart, runHelm } from "../support/helm/helm.ts";
import { findObject, nameOf, problemsOf } from "../support/helm/rendered-chart.ts";
import { digest, together, unusual } from "../support/helm/unusual-values.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";

const helm = useHelm(4);
const served = ["--api-versions", "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy"];

const render = (
  values: object = {},
  more: readonly string[] = [],
): Promise<readonly KubernetesObject[]> => renderChart(helm(), values, more);

const renderText = (values: object): Promise<string> =>
  helmed(helm(), ["template", "poolwarden", chartPath, "-n", "poolwarden-system"], values);

function podSpecOf(objects: readonly KubernetesObject[]): unknown {
  return read(findObject(objects, "Deployment"), "spec", "template", "spec");
}

function containerOf(objects: readonly KubernetesObject[]): unknown {
  return read(podSpecOf(objects), "containers", 0);
}

function argumentsOf(objects: readonly KubernetesObject[]): readonly unknown[] {
  return readList(containerOf(objects), "args");
}

describe("whatever the values, what is rendered is sound", () => {
  it("with the usual ones", async () => {
    expect(problemsOf(await render())).toEqual([]);
    expect(problemsOf(await render({}, served))).toEqual([]);
  });

  it.each(Object.entries(unusual))("with %s", async (_name, values) => {
    expect(problemsOf(await render(values))).toEqual([]);
  });

  const parts = Object.entries(unusual).filter(([name]) => name !== "no election");
  it.each([2, 3, 5])("with every %i. of them at once", async (step) => {
    const some = parts.filter((_, position) => position % step === 0).map(([, values]) => values);
    expect(problemsOf(await render(together(some), served))).toEqual([]);
  });

  it("with all of them at once, which `helm lint` likes as well", async () => {
    const all = together(parts.map(([, values]) => values));
    expect(problemsOf(await render(all, served))).toEqual([]);
    await helmed(helm(), ["lint", "--strict", chartPath], all);
    await helmed(helm(), ["lint", "--strict", chartPath]);
  });
});

describe("a name that YAML would read as something else stays a name", () => {
  const odd = {
    watchNamespaces: ["1234", "null", "on", "1e3"],
    database: { secretNames: { null: ["db"], "1234": ["5678"] } },
    commonLabels: { cost: "1e3" },
    priorityClassName: "1",
    ...together([unusual["monitoring"] ?? {}, unusual["a network policy"] ?? {}]),
  };

  it("of the namespaces", async () => {
    const objects = await render(odd, [...served, "--namespace", "123"]);
    expect(problemsOf(objects)).toEqual([]);
    const roles = objects.filter(({ kind }) => kind === "Role").map(nameOf);
    expect(roles).toContain("Role/null/poolwarden-secrets");
    expect(roles).toContain("Role/1234/poolwarden");
    expect(read(podSpecOf(objects), "priorityClassName")).toBe("1");
  });

  it.each<{ what: string; values: object }>([
    { what: "the chart's", values: { nameOverride: "1e3" } },
    { what: "all objects'", values: { fullnameOverride: "0x1f" } },
    { what: "the account's", values: { serviceAccount: { name: "7" } } },
  ])("$what", async ({ values }) => {
    expect(problemsOf(await render({ ...odd, ...values }, served))).toEqual([]);
  });

  it("of the release", async () => {
    const rendered = await helmed(helm(), ["template", "123", chartPath, "-n", "ns"], odd);
    const objects = objectsIn(rendered);
    expect(problemsOf(objects)).toEqual([]);
    const labels = read(findObject(objects, "Deployment"), "metadata", "labels");
    expect(labels).toMatchObject({ "app.kubernetes.io/instance": "123" });
  });
});

describe("a large number stays a number", () => {
  it("of slots, up to what PostgreSQL can have", async () => {
    const args = argumentsOf(
      await render({ database: { namespaceQuotas: { shop: 262_143, "*": "9%" } } }),
    );
    expect(args).toContain("--namespace-quotas=*=9%,shop=262143");
  });

  it("of slots, by the name that the value had before", async () => {
    const args = argumentsOf(await render({ database: { namespaceShares: { shop: 40 } } }));
    expect(args).toContain("--namespace-quotas=shop=40");
  });

  it("of replicas and of seconds", async () => {
    const million = 1_000_000;
    const objects = await renderText({
      ...{ replicaCount: million, terminationGracePeriodSeconds: million },
      podDisruptionBudget: { enabled: true, maxUnavailable: million },
    });
    for (const field of ["replicas", "terminationGracePeriodSeconds", "maxUnavailable"]) {
      expect(objects).toContain(`${field}: 1000000\n`);
    }
  });
});

describe("what is not right is refused", () => {
  it.each<{ what: string; values: object; wantSays: RegExp }>([
    { what: "a misspelt value", values: { replicas: 2 }, wantSays: /replicas/ },
    { what: "a misspelt value in a group", values: { crds: { kep: true } }, wantSays: /kep/ },
    {
      what: "a misspelt value two groups deep",
      values: { metrics: { serviceMonitor: { enable: true } } },
      wantSays: /enable/,
    },
    {
      what: "a misspelt word of a database's network",
      values: { networkPolicy: { databases: [{ port: 5432 }] } },
      wantSays: /port/,
    },
    { what: "a namespace in capitals", values: { watchNamespaces: ["Shop"] }, wantSays: /Shop/ },
    {
      what: "a log level that is none",
      values: { operator: { logLevel: "loud" } },
      wantSays: /logLevel/,
    },
    {
      what: "a time without its unit",
      values: { operator: { settleTime: "5" } },
      wantSays: /settleTime/,
    },
    { what: "a text for a number", values: { replicaCount: "two" }, wantSays: /replicaCount/ },
    {
      what: "a namespace of which no secret is named: the Role would open all",
      values: { database: { secretNames: { shop: [] } } },
      wantSays: /secretNames/,
    },
    {
      what: "another word for admission",
      values: { delivery: { admission: { enabled: "yes" } } },
      wantSays: /admission/,
    },
    { what: "a digest cut short", values: { image: { digest: "sha256:ab" } }, wantSays: /digest/ },
    {
      what: "two replicas of which none leads",
      values: { replicaCount: 2, leaderElection: { enabled: false } },
      wantSays: /one must lead/,
    },
    {
      what: "a name under which the alerts of a policy would replace those of the operator",
      values: {
        fullnameOverride: "poolpolicy-orders",
        metrics: { prometheusRule: { enabled: true } },
      },
      wantSays: /choose another fullnameOverride/,
    },
    {
      what: "more slots than any server can have",
      values: { database: { namespaceQuotas: { shop: 2_000_000 } } },
      wantSays: /namespaceQuotas|1000000/,
    },
  ])("$what", async ({ values, wantSays }) => {
    const { code, stderr } = await runHelm(helm(), ["template", "p", chartPath], values);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(wantSays);
  });
});

describe("each switch does what it says", () => {
  it.each<{ values: string; want: string[]; wantNot?: string[] }>([
    { values: "no CRD", want: [], wantNot: ["CustomResourceDefinition/"] },
    {
      values: "three replicas",
      want: ["PodDisruptionBudget/poolwarden-system/poolwarden"],
    },
    {
      values: "other names",
      want: ["Deployment/poolwarden-system/poolwarden-pools", "ClusterRole/poolwarden-pools"],
    },
    {
      values: "one other name",
      want: ["Deployment/poolwarden-system/pool-keeper", "Lease/poolwarden-system/pool-keeper"],
    },
    { values: "no rights", want: [], wantNot: ["ClusterRole", "Role"] },
    { values: "an account that is there", want: [], wantNot: ["ServiceAccount"] },
    { values: "no election", want: [], wantNot: ["Lease", "Role/"] },
    {
      values: "monitoring",
      want: [
        "ServiceMonitor/poolwarden-system/poolwarden",
        "PrometheusRule/poolwarden-system/poolwarden",
        "ConfigMap/poolwarden-system/poolwarden-dashboard",
      ],
    },
    { values: "a network policy", want: ["NetworkPolicy/poolwarden-system/poolwarden"] },
    { values: "admission by force", want: ["MutatingAdmissionPolicyBinding/poolwarden"] },
  ])("$values", async ({ values, want, wantNot = [] }) => {
    const names = (await render(unusual[values])).map(nameOf);
    for (const name of want) expect(names).toContain(name);
    for (const kind of wantNot) expect(names.filter((name) => name.startsWith(kind))).toEqual([]);
  });

  it("no budget of disruptions for one replica: it could only hold up a drain", async () => {
    const objects = await render({ podDisruptionBudget: { enabled: true } });
    expect(findObject(objects, "PodDisruptionBudget")).toBeUndefined();
  });

  it("the CRD is kept, unless one says otherwise", async () => {
    const annotations = async (values: object): Promise<unknown> => {
      const crd = findObject(await render(values), "CustomResourceDefinition");
      return read(crd, "metadata", "annotations");
    };
    expect(await annotations({})).toEqual({ "helm.sh/resource-policy": "keep" });
    expect(await annotations({ crds: { keep: false } })).toBeUndefined();
  });

  it("the image is that of the chart, or of a tag, or of a digest", async () => {
    const image = async (values: object): Promise<unknown> =>
      read(containerOf(await render({ image: values })), "image");
    expect(await image({})).toMatch(/^poolwarden:\d+\.\d+\.\d+$/);
    expect(await image({ repository: "example/pw", tag: "2" })).toBe("example/pw:2");
    expect(await image({ tag: "2", digest })).toBe(`poolwarden@${digest}`);
  });

  it("settings become flags; more flags come last and win", async () => {
    const args = argumentsOf(await render({ ...unusual["two namespaces"], extraArgs: ["--a=b"] }));
    expect(args).toContain("--namespaces=shop,billing");
    expect(args).toContain("--lease-namespace=poolwarden-system");
    expect(args.at(-1)).toBe("--a=b");
    expect(argumentsOf(await render())).not.toContainEqual(expect.stringMatching(/namespaces=$/));
  });

  it("bounds for tenants become flags", async () => {
    const args = argumentsOf(await render(unusual["bounds for tenants"]));
    expect(args).toContain("--namespace-quotas=*=9,billing=20,shop=40%");
    expect(args).toContainEqual(
      expect.stringContaining("--allowed-database-hosts=*.shop.svc,10.0.0.0/8,"),
    );
  });

  it("alerts and the dashboard are those of the files, with links to runbooks of one's own", async () => {
    const values = together([unusual["monitoring"] ?? {}, unusual["runbooks of one's own"] ?? {}]);
    const objects = await render(values);
    const groups = JSON.stringify(read(findObject(objects, "PrometheusRule"), "spec", "groups"));
    const file = await readFile(join(chartPath, "files", "operator-rules.yaml"), "utf8");
    const own = file.replaceAll(usualRunbookBaseUrl, "https://wiki.example.com/runbooks/");
    expect(own).not.toBe(file);
    expect(JSON.parse(groups)).toEqual(read(parse(own), "groups"));
    const dashboard = read(findObject(objects, "ConfigMap"), "data", "poolwarden.json");
    const json = await readFile(join(chartPath, "files", "dashboard.json"), "utf8");
    expect(JSON.parse(String(dashboard))).toEqual(JSON.parse(json));
  });

  it("a spread without a selector gets the operator's own, and another keeps its own", async () => {
    const spread = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" };
    const labelSelector = { matchLabels: { a: "b" } };
    const constraints = [spread, { ...spread, labelSelector }];
    const spec = podSpecOf(await render({ topologySpreadConstraints: constraints }));
    const selectors = readList(spec, "topologySpreadConstraints").map((one) =>
      read(one, "labelSelector", "matchLabels"),
    );
    expect(selectors).toEqual([
      { "app.kubernetes.io/name": "poolwarden", "app.kubernetes.io/instance": "poolwarden" },
      { a: "b" },
    ]);
  });
});

describe("the notes warn of what is open to everybody", () => {
  const notesOf = (values: object): Promise<string> => {
    const words = ["install", "poolwarden", chartPath, "--dry-run=client"];
    return helmed(helm(), [...words, "-n", "poolwarden-system"], values);
  };
  const named = ["database.allowedHosts", "database.namespaceQuotas", "networkPolicy.ingressFrom"];

  it("as it is without values", async () => {
    const notes = await notesOf({});
    for (const name of named) expect(notes).toMatch(new RegExp(`Warning: [^:]*${name}`));
  });

  it("and not once it is set", async () => {
    const database = { allowedHosts: ["db.shop.svc"], namespaceQuotas: { "*": "40%" } };
    expect(await notesOf({ database, networkPolicy: { enabled: true } })).not.toContain("Warning");
  });
});
