// `--what-if replicas=Deployment/web=40`: a change to the manifests that nobody has to write into
// them. What it names must be there, or the answer would be to another question.

import { podsMax } from "../api/workload-entry.ts";
import { kindAndName, workloadKeyOf } from "../api/keys.ts";
import { kindsInWords, workloadKindNames } from "../api/workload-kinds.ts";
import type { ObservedAutoscaler, ObservedWorkload } from "../observed.ts";
import { byTarget } from "../reconcile/caches.ts";
import type { ManifestStores } from "./manifest-stores.ts";

export interface WhatIf {
  readonly text: string;
  readonly field: "replicas" | "maxReplicas";
  readonly namespace: string | undefined;
  readonly kind: string;
  readonly name: string;
  readonly value: number;
}

export interface Problem {
  readonly problem: string;
}

/** With what a reader should know of it. */
export type Done = { readonly done: true } | { readonly note: string };

const done: Done = { done: true };

const form =
  "write replicas=Deployment/web=40 or maxReplicas=Deployment/web=40, with namespace/ in front of the kind where several have one of that name";

/** Never throws. */
export function readWhatIf(text: string): WhatIf | Problem {
  const match = /^(replicas|maxReplicas)=(?:([^/=]+)\/)?([A-Za-z]+)\/([^/=]+)=([0-9]{1,7})$/.exec(
    text,
  );
  if (!match) return { problem: form };
  const [, field, namespace, kind = "", name = "", digits] = match;
  const value = Number(digits);
  if (value > podsMax) return { problem: `at most ${podsMax} pods are planned for` };
  return {
    text,
    field: field === "replicas" ? "replicas" : "maxReplicas",
    namespace,
    kind,
    name,
    value,
  };
}

/** Changes the stores; what is wrong with each, or what a reader should know. */
export function applyWhatIfs(
  stores: ManifestStores,
  whatIfs: readonly WhatIf[],
): readonly (Problem | Done)[] {
  const made = new Map<string, string>();
  return whatIfs.map((whatIf) => applyWhatIf(stores, whatIf, made));
}

/** `made`: by field and workload, what was asked before. */
function applyWhatIf(
  stores: ManifestStores,
  whatIf: WhatIf,
  made: Map<string, string>,
): Problem | Done {
  const found = workloadKindNames
    .flatMap((kind) => [...stores[kind].values()])
    .filter((one) => isMeant(one, whatIf));
  const [workload] = found;
  const problem = missProblem(stores, whatIf, found);
  if (!workload || problem !== undefined) {
    return { problem: `--what-if ${whatIf.text}: ${problem ?? ""}` };
  }
  const id = `${whatIf.field} ${workloadKeyOf(workload)}`;
  const before = made.get(id);
  if (before !== undefined) {
    return { problem: `--what-if ${whatIf.text}: ${before} changes the same: give one of them` };
  }
  made.set(id, whatIf.text);
  return whatIf.field === "replicas"
    ? scale(stores, workload, whatIf)
    : scaleMost(stores, workload, whatIf);
}

/** Undefined where it means one workload. */
function missProblem(
  stores: ManifestStores,
  { namespace, kind, name: ownName }: WhatIf,
  found: readonly ObservedWorkload[],
): string | undefined {
  const name = `${kind}/${ownName}`;
  if (found.length === 0) {
    const where = namespace === undefined ? "" : `${namespace}/`;
    return `there is no ${where}${name}${inWords(stores)}`;
  }
  if (found.length === 1) return undefined;
  const namespaces = found.map((one) => one.namespace).sort();
  return `${name} is in ${namespaces.join(", ")}: write ${namespaces[0] ?? ""}/${name}`;
}

function isMeant(one: ObservedWorkload, { namespace, kind, name }: WhatIf): boolean {
  const isIn = namespace === undefined || namespace === one.namespace;
  return isIn && one.kind === kind && one.name === name;
}

const namesTold = 5;

function inWords(stores: ManifestStores): string {
  const workloads = workloadKindNames.flatMap((kind) => [...stores[kind].values()]);
  const names = workloads.map((one) => `${one.namespace}/${kindAndName(one)}`);
  if (names.length === 0) return `, and no other ${kindsInWords}`;
  const more = names.length > namesTold ? ", …" : "";
  return `; there are ${names.slice(0, namesTold).join(", ")}${more}`;
}

function scale(stores: ManifestStores, workload: ObservedWorkload, { text, value }: WhatIf): Done {
  stores[workload.kind].set({ ...workload, replicas: value });
  const most = autoscalersOf(stores, workload).map(({ maxReplicas }) => maxReplicas);
  if (most.length === 0 || Math.max(...most) < value) return done;
  const planned = Math.max(...most);
  const note = `${text}: its autoscaler may ask for ${planned} pods, which is what is planned for; to change that write maxReplicas=`;
  return { note };
}

function scaleMost(
  stores: ManifestStores,
  workload: ObservedWorkload,
  { text, value }: WhatIf,
): Problem | Done {
  const autoscalers = autoscalersOf(stores, workload);
  if (autoscalers.length === 0) {
    const problem = `--what-if ${text}: it has no autoscaler: write replicas=`;
    return { problem };
  }
  for (const one of autoscalers) stores.autoscalers.set({ ...one, maxReplicas: value });
  return done;
}

function autoscalersOf(
  { autoscalers }: ManifestStores,
  workload: ObservedWorkload,
): readonly ObservedAutoscaler[] {
  return autoscalers.byIndex(byTarget, workloadKeyOf(workload));
}
