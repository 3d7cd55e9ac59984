// Who controls an object, by its ownerReferences, which anybody may write who may make the object:
// an owner whose name, kind or uid is longer than there are is nobody that we know.

import { at, list, longest, text, textIfAny } from "./raw-values.ts";

export interface Owner {
  readonly kind: string;
  /** Of its API, without the version; empty for that of pods. */
  readonly group: string;
  readonly name: string;
  /** Empty where none is given. */
  readonly uid: string;
}

export function controllerOf(metadata: unknown): Owner | undefined {
  const owner = list(at(metadata, "ownerReferences")).find((o) => at(o, "controller") === true);
  const kind = text(at(owner, "kind"), longest.label);
  const name = text(at(owner, "name"), longest.name);
  const uid = textIfAny(at(owner, "uid"), longest.uid);
  if (kind === undefined || name === undefined || uid === undefined) return undefined;
  return { kind, group: groupOf(at(owner, "apiVersion")), name, uid };
}

/** Of `apps/v1`; empty for that of pods. */
export function groupOf(apiVersion: unknown): string {
  const [group, version] = (text(apiVersion, longest.labelKey) ?? "").split("/");
  return version === undefined ? "" : (group ?? "");
}
