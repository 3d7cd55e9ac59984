// An application's own Helm release beside us, with the real Helm 3 and Helm 4: what an upgrade
// does to a chart that states the pool size, and to one that does not. What other tools do is in
// living-with.test.ts.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { envOf } from "../support/admission.ts";
import type { Fleet } from "../support/fleet.ts";
import { openManagedFleet } from "../support/managed-fleet.ts";
import type { ManagedFleet } from "../support/managed-fleet.ts";
import { useHelm } from "../support/helm/found-helm.ts";
import { runHelm } from "../support/helm/helm.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { openWorkspace, waitUntil } from "../support/processes.ts";
import type { Workspace } from "../support/processes.ts";
import { giveSize } from "../support/sized-alone.ts";
import type { SizedAlone } from "../support/sized-alone.ts";

// Several go on at once, so each takes as long as all of them on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const namespace = "living-with-helm";
const kubectl = inject("controlPlane");
const found = { 3: useHelm(3), 4: useHelm(4) };
const template = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}, labels: { app: {{ .Release.Name }} } }
spec:
  replicas: 2
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec:
      containers:
        - name: app
          image: none
          env:
            - { name: VERSION, value: "{{ .Values.version }}" }
            {{- with .Values.size }}
            - { name: DB_POOL_MAX_SIZE, value: "{{ . }}" }
            {{- end }}
`;

let fleet: Fleet;
let managed: ManagedFleet;
let workspace: Workspace;

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-chart-");
  await mkdir(join(workspace.directory, "templates"));
  const chart = "{ apiVersion: v2, name: web, version: 1.0.0 }\n";
  await writeFile(join(workspace.directory, "Chart.yaml"), chart);
  await writeFile(join(workspace.directory, "templates", "deployment.yaml"), template);
  managed = await openManagedFleet(kubectl, namespace);
  ({ fleet } = managed);
});

afterAll(async () => {
  await managed[Symbol.asyncDispose]();
  await workspace.close();
});

type Major = 3 | 4;
type Answer = { readonly code: number; readonly stderr: string };

/** `helm upgrade --install` with these values. */
function upgrade(
  major: Major,
  name: string,
  values: Readonly<Record<string, number>>,
): Promise<Answer> {
  const set = Object.entries(values).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const words = ["upgrade", "--install", name, workspace.directory, "-n", namespace, ...set];
  return runHelm({ ...found[major](), kubeconfigPath: kubectl.kubeconfigPath }, words);
}

async function entryOf(name: string, variable: string): Promise<unknown> {
  const entries = envOf(read(await fleet.deployment(name), "spec", "template"));
  return entries.find((one) => one.name === variable)?.["value"];
}

type Way = {
  readonly delivery: SizedAlone["delivery"];
  readonly values: Readonly<Record<string, number>>;
  readonly wantEntry: string;
};

const majors: readonly { readonly major: Major }[] = [{ major: 3 }, { major: 4 }];

describe.each(majors)("Helm $major", ({ major }) => {
  it.concurrent.each<Way>([
    { delivery: "Admission", values: { size: 3 }, wantEntry: "3" },
    { delivery: "Template", values: {}, wantEntry: "6" },
  ])("$delivery, with values $values: upgrades and sizes go on together", async (given) => {
    const { delivery, values, wantEntry } = given;
    const name = `${delivery.toLowerCase()}-${major}`;
    expect(await upgrade(major, name, { version: 1, ...values })).toMatchObject({ code: 0 });
    await giveSize(fleet, { name, delivery, size: 5 });

    expect(await upgrade(major, name, { version: 2, ...values })).toMatchObject({ code: 0 });
    await giveSize(fleet, { name, delivery, size: 6 });
    expect(await upgrade(major, name, { version: 3, ...values })).toMatchObject({ code: 0 });

    await fleet.kubectl(`rollout status deployment/${name} --timeout=60s`);
    await fleet.waitForPods(name, 2, 6);
    expect(await entryOf(name, "VERSION")).toBe("3");
    expect(await entryOf(name, "DB_POOL_MAX_SIZE")).toBe(wantEntry);
    expect(readList(await fleet.statusOf(name), "findings")).toEqual([]);
  });
});

describe("Template, with a chart that states the size", () => {
  it.concurrent("Helm 3 puts its value back, which is said and put right", async () => {
    await upgrade(3, "stated-3", { version: 1, size: 3 });
    await giveSize(fleet, { name: "stated-3", delivery: "Template", size: 5 });

    expect(await upgrade(3, "stated-3", { version: 2, size: 3 })).toMatchObject({ code: 0 });

    await fleet.waitForPods("stated-3", 2, 5);
    const metadata = { namespace };
    const list = { apiVersion: "events.k8s.io/v1", kind: "Event", metadata };
    await waitUntil("the event", async () => {
      const events = await fleet.rest.list(list);
      return events.some((one) => read(one, "reason") === "RevertedByOther");
    });
  });

  it.concurrent(
    "Helm 4 ends with a conflict that names us; without it the next passes",
    async () => {
      await upgrade(4, "stated-4", { version: 1, size: 3 });
      await giveSize(fleet, { name: "stated-4", delivery: "Template", size: 5 });

      const refused = await upgrade(4, "stated-4", { version: 2, size: 3 });
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain('conflict with "poolwarden"');
      expect(await entryOf("stated-4", "DB_POOL_MAX_SIZE")).toBe("5");

      expect(await upgrade(4, "stated-4", { version: 2 })).toMatchObject({ code: 0 });
      expect(await entryOf("stated-4", "VERSION")).toBe("2");
      await fleet.waitForPods("stated-4", 2, 5);
    },
  );
});
