// What tells one object from another, whatever its kind.

import type { ObservedObject } from "../../observed.ts";
import { at, longest, text, textIfAny } from "./raw-values.ts";

/**
 * Key, uid and resourceVersion of any object; undefined for something without a name, or with a
 * text that no API server has written.
 */
export function identify(raw: unknown): ObservedObject | undefined {
  const metadata = at(raw, "metadata");
  const name = text(at(metadata, "name"), longest.name) ?? "";
  const namespace = textIfAny(at(metadata, "namespace"), longest.name);
  const uid = textIfAny(at(metadata, "uid"), longest.uid);
  const resourceVersion = textIfAny(at(metadata, "resourceVersion"), longest.uid);
  if (name === "" || namespace === undefined) return undefined;
  if (uid === undefined || resourceVersion === undefined) return undefined;
  // join makes one flat string, where a template keeps the two halves and a node that links them.
  const key = namespace === "" ? name : [namespace, name].join("/");
  return { key, uid, resourceVersion };
}

/** Of an object that `identify` knows. */
export function namespaceAndName(raw: unknown): { namespace: string; name: string } {
  const metadata = at(raw, "metadata");
  const [namespace, name] = [at(metadata, "namespace"), at(metadata, "name")];
  return {
    namespace: text(namespace, longest.name) ?? "",
    name: text(name, longest.name) ?? "",
  };
}
