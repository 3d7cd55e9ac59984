// What people and their tools write into a pod template: a new image, an entry more, less or
// changed, or a whole manifest.

import { entryFieldsOf, envFields, type EnvValue, imageField } from "./template.ts";
import type { Workload } from "./workload.ts";
import type { Workloads } from "./workloads.ts";
import { appContainer } from "./workload-spec.ts";

/** An image of this name cannot be pulled. */
const brokenMark = "-broken";

export function canBePulled(image: string): boolean {
  return !image.endsWith(brokenMark);
}

export interface Deploy {
  /** The new image cannot be pulled. Default: false. */
  readonly broken?: boolean;
  /** Default: kubectl-set. */
  readonly manager?: string;
}

export function deployImage(
  workloads: Workloads,
  workload: Workload,
  { number, broken = false, manager = "kubectl-set" }: Deploy & { readonly number: number },
): void {
  const image = `${appContainer}:${number}${broken ? brokenMark : ""}`;
  workloads.update(workload, manager, new Map([[imageField(appContainer), image]]));
}

/** `value` undefined removes the entry. */
export function setEntry(
  workloads: Workloads,
  workload: Workload,
  { name, value, manager }: { name: string; value: EnvValue | undefined; manager: string },
): void {
  const before = entryFieldsOf(workload.fields.values, appContainer, name);
  const wanted = value === undefined ? [] : envFields(appContainer, name, value);
  const kept = new Set(wanted.map(([field]) => field));
  const gone = before.filter((field) => !kept.has(field));
  const fields = new Map<string, string | undefined>(gone.map((field) => [field, undefined]));
  for (const [field, text] of wanted) fields.set(field, text);
  workloads.update(workload, manager, fields);
}

interface OwnersManifest {
  readonly manager: string;
  /** Of container `app`. */
  readonly env: Readonly<Record<string, EnvValue>>;
}

/** Server-side apply of a whole manifest with force. */
export function applyManifest(
  workloads: Workloads,
  workload: Workload,
  { manager, env }: OwnersManifest,
): void {
  const fields = fieldsOf(env);
  workloads.edit(workload, { client: undefined, manager, verb: "apply" }, () => {
    const outcome = workload.fields.apply(manager, fields, { force: true });
    return { fields: outcome.kind === "applied" ? outcome.changed : [], isSpec: false };
  });
}

/** The object is replaced by the manifest: what others have written is gone. */
export function replaceManifest(
  workloads: Workloads,
  workload: Workload,
  { manager, env }: OwnersManifest,
): void {
  const fields = new Map([...workload.template.images, ...fieldsOf(env)]);
  workloads.replace(workload, manager, { fields, isPart: () => true });
}

function fieldsOf(env: OwnersManifest["env"]): Map<string, string> {
  const entries = Object.entries(env);
  return new Map(entries.flatMap(([name, value]) => envFields(appContainer, name, value)));
}
