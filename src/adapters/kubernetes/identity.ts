// What tells one object from another, whatever its kind.

import type { ObservedObject } from "../../observed.ts";
import { at, text } from "./raw-values.ts";

/** Key, uid and resourceVersion of any object; undefined for something without a name. */
export function identify(raw: unknown): ObservedObject | undefined {
  const metadata = at(raw, "metadata");
  const name = text(at(metadata, "name"));
  if (name === undefined || name === "") return undefined;
  const namespace = text(at(metadata, "namespace"));
  return {
    // join makes one flat string, where a template keeps the two halves and a node that links them.
    key: namespace === undefined || namespace === "" ? name : [namespace, name].join("/"),
    uid: text(at(metadata, "uid")) ?? "",
    resourceVersion: text(at(metadata, "resourceVersion")) ?? "",
  };
}
