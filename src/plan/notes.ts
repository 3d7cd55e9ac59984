// What a reader should know of an answer that the answer itself does not say: what was taken for
// something else, and what of the manifests counted for nothing.

import { at, fields, list } from "../adapters/kubernetes/raw-values.ts";
import { podsKind, poolNameIn, readWorkloadKey } from "../api/keys.ts";
import { workloadKindNames, workloadKindOf } from "../api/workload-kinds.ts";
import { poolsHere } from "../domain/decide/pool-plan.ts";
import type { Position } from "../domain/demand/position.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import { needsOwnEntry } from "../domain/supply/allowed-hosts.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type { Decided } from "./decide.ts";
import type { MissingData } from "./manifest-cluster.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { Objects } from "./objects.ts";
import { isSaidInTemplates } from "./picked-templates.ts";
import { unselectedNotes } from "./unselected.ts";
import { type FilledSecrets, uriVariable } from "./secrets.ts";

export interface Noted {
  readonly objects: Objects;
  /** What was given, without what runs beside it. */
  readonly manifests: Objects["objects"];
  readonly stores: ManifestStores;
  readonly decided: Decided;
  readonly secrets: FilledSecrets;
  readonly missing: readonly MissingData[];
  /** Of manifests that name none. */
  readonly usualNamespace: string;
  /** Beside the manifests, what runs is known. */
  readonly isOverLive: boolean;
  /** Servers that the operator has read. */
  readonly published?: ReadonlySet<ServerKey>;
}

/** Where something is not. */
function among({ isOverLive }: Pick<Noted, "isOverLive">): string {
  return isOverLive ? "among the manifests or in the cluster" : "among the manifests";
}

const ofEachTold = 5;

export function notesOf(noted: Noted): readonly string[] {
  const kinds = [otherNamespaces(noted), targetlessAutoscalers(noted), missingData(noted)];
  const told = kinds.flatMap((notes) => {
    const more = notes.length - ofEachTold;
    return more > 0 ? [...notes.slice(0, ofEachTold), `and ${more} more of these`] : notes;
  });
  return [
    ...standInNotes(noted),
    ...ownMachineNotes(noted),
    ...told,
    ...unselectedNotes(noted.manifests, noted.stores),
    ...assumedNotes(noted),
    ...liveNotes(noted),
    ...countNotes(noted),
  ];
}

function standInNotes({
  secrets: { standIns, standInEngines },
  isOverLive,
}: Noted): readonly string[] {
  const why = isOverLive
    ? `which the operator has not resolved yet: give --read to read it from the cluster, add it, or set ${uriVariable}`
    : "which is not among the manifests";
  const notes = [...standIns].map(([server, secret]) => {
    return `${server} stands for the server of Secret ${secret}, ${why}`;
  });
  const engines = new Set([...standIns.keys()].map((server) => standInEngines.get(server)));
  // No two of them are of one engine.
  if (standIns.size === engines.size) return notes;
  const way = `if they are one, add the Secrets, or set ${uriVariable}`;
  return [
    ...notes,
    `servers that are known by a Secret alone are taken for different ones: ${way}`,
  ];
}

/** Plan takes them, the operator alone knows what it is allowed. */
function ownMachineNotes({ decided: { plans }, published }: Noted): readonly string[] {
  const way = "the operator refuses it without an entry of its own in --allowed-database-hosts";
  const servers = [...plans.keys()].filter((one) => published?.has(one) !== true);
  return servers.filter(needsOwnEntry).map((server) => `${server}: ${way}`);
}

/** What helm template prints seldom says a namespace. */
function otherNamespaces({ stores, usualNamespace }: Noted): readonly string[] {
  const workloads = workloadKindNames.flatMap((kind) => [...stores[kind].values()]);
  const counts = Map.groupBy(workloads, ({ namespace }) => namespace);
  const empty = [...stores.policies.values()].filter(({ namespace }) => !counts.has(namespace));
  return empty.flatMap(({ namespace, key, spec }) => {
    // Only what names no namespace is moved by -n: the workloads, or else the policy.
    const isOfPolicy = namespace === usualNamespace;
    const there = isOfPolicy ? meantBy(spec, counts) : usualNamespace;
    const count = (there !== undefined && counts.get(there)?.length) || 0;
    if (there === undefined || count === 0) return [];
    const are = count === 1 ? "is" : "are";
    return [
      `${sayCount(count, "workload")} ${are} in namespace ${there} and policy ${key} ` +
        `in ${namespace}: try -n ${isOfPolicy ? there : namespace}`,
    ];
  });
}

/** The only namespace, or the only one that has every workload that the policy names. */
function meantBy(
  spec: unknown,
  workloads: ReadonlyMap<string, readonly { readonly name: string }[]>,
): string | undefined {
  const named = list(at(spec, "workloads")).map((entry) => at(entry, "name"));
  const having = [...workloads].filter(([, there]) =>
    named.every((name) => there.some((one) => one.name === name)),
  );
  return onlyOne([...workloads.keys()]) ?? onlyOne(having.map(([namespace]) => namespace));
}

function onlyOne(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

function targetlessAutoscalers(noted: Noted): readonly string[] {
  const { objects, stores } = { stores: noted.stores, ...noted.objects };
  const autoscalers = objects.filter(
    ({ kind }) => kind === "HorizontalPodAutoscaler" || kind === "ScaledObject",
  );
  return autoscalers.flatMap(({ kind, namespace, name, raw }) => {
    const target = at(raw, "spec", "scaleTargetRef");
    const { kind: targetKind = "Deployment", name: targetName } = fields(target);
    if (typeof targetKind !== "string" || typeof targetName !== "string") return [];
    const known = workloadKindOf(targetKind);
    if (!known || stores[known].get(`${namespace}/${targetName}`)) return [];
    const whose = `${targetKind} ${namespace}/${targetName}`;
    return [`${kind} ${namespace}/${name} scales ${whose}, which is not ${among(noted)}`];
  });
}

function missingData(noted: Noted): readonly string[] {
  const { stores, missing, isOverLive } = noted;
  const isNot = isOverLive ? "cannot be read" : "is not among the manifests";
  const named = keysNamedIn(stores);
  const told = missing.flatMap(({ kind, namespace, name, key }) => {
    const source = `${kind} ${namespace}/${name}`;
    if (key === undefined) return [`${source} ${isNot}: a size may come from it`];
    if (!named.has(`${kind} ${namespace}/${name} ${key}`)) return [];
    return [`${source} has no key ${key}, which a variable with a size names`];
  });
  return [...new Set(told)];
}

/** Of single variables: whole ConfigMaps (envFrom) need not have a key. */
function keysNamedIn(stores: ManifestStores): ReadonlySet<string> {
  const workloads = workloadKindNames.flatMap((kind) => [...stores[kind].values()]);
  const keys = workloads.flatMap(({ namespace, containers }) =>
    containers.flatMap(({ env }) =>
      env.flatMap(({ from }) =>
        from ? [`${from.kind} ${namespace}/${from.name} ${from.key}`] : [],
      ),
    ),
  );
  return new Set(keys);
}

/** A variable that the application does not read changes nothing. Of what runs it is known. */
function assumedNotes(noted: Noted): readonly string[] {
  const { plans, templates } = noted.decided;
  if (noted.isOverLive) return [];
  const pools = [...plans.values()].flatMap(poolsHere).map(({ position }) => position);
  const assumed = pools.filter((position) => {
    const template = templates.get(position.pool.poolKey);
    const isAssumed = template?.source === "unmanaged" && template.problem === undefined;
    return position.managed && isAssumed && !namesVariable(position, noted);
  });
  const byVariable = Map.groupBy(assumed, ({ sizing }) => sizing.maxSizeName);
  return [...byVariable].map(([variable, positions]) => {
    const names = positions.map(({ pool }) => poolNameIn(pool.poolKey));
    const more = names.length - ofEachTold;
    const told = names.slice(0, ofEachTold).join(", ") + (more > 0 ? ` and ${more} more` : "");
    return (
      `${told}: the manifest has no size in ${variable}, so TEMPLATE is assumed. Check that the application ` +
      "reads this variable: otherwise name its own with preset or env.maxSize in the policy"
    );
  });
}

/** Its value cannot be read: that is told by itself. */
function namesVariable(position: Position, { stores, objects }: Noted): boolean {
  const { workload, sizing } = position;
  const { kind, namespace, name } = readWorkloadKey(workload.key);
  if (kind === podsKind) return isSaidInTemplates(position, objects);
  const known = workloadKindOf(kind);
  const containers = (known && stores[known].get(`${namespace}/${name}`)?.containers) ?? [];
  return containers.some(({ env }) => env.some((entry) => entry.name === sizing.maxSizeName));
}

/** Whether the operator has the right is known in the cluster alone. */
function liveNotes({ decided: { plans } }: Noted): readonly string[] {
  const positions = [...plans.values()].flatMap(poolsHere).map(({ position }) => position);
  const live = positions.filter(({ resizablePods }) => resizablePods !== undefined);
  if (live.length === 0) return [];
  const pools = live.length === 1 ? "1 pool is live" : `${live.length} pools are live`;
  const byConsole = live.some(({ policy: { spec }, pool }) => spec.workloads[pool.entry]?.console);
  const ofPooler =
    ", and of PgBouncer that pool_mode is transaction or statement (its default is session) and that " +
    "console.secretRef has a user in admin_users";
  return [
    `${pools}: next pods start with the first size, and running pods follow theirs. This takes ` +
      `livePools.enabled in the chart${byConsole ? ofPooler : ""}; without it, pods get new sizes by rollouts`,
  ];
}

function countNotes({ objects, decided }: Noted): readonly string[] {
  const { repeated } = objects;
  const { uncountedPods, isAtRest } = decided;
  const notes: string[] = [];
  if (repeated > 0) {
    const stand = repeated === 1 ? "stands twice and is" : "stand twice and are";
    notes.push(`${sayCount(repeated, "object")} ${stand} the same: counted once`);
  }
  if (uncountedPods > 0) {
    const count = uncountedPods === 1 ? "is counted as a pod" : "are counted as pods";
    notes.push(
      `${sayCount(uncountedPods, "pod")} ${count} that may still start: there are too many`,
    );
  }
  if (!isAtRest) notes.push("the templates of some workloads were not written yet: too many");
  return notes;
}
