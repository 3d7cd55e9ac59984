// What a template may hold beyond what is counted, without the rest of a fleet.

import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { sizingOf } from "../../src/api/sizing.ts";
import { mayHoldMore } from "../../src/reconcile/sizes/may-hold-more.ts";
import { rawWorkload } from "../unit/adapters/kubernetes/raw-objects.ts";
import { aSpec } from "./builders.ts";

const { Deployment: project } = createProjections();

/** Where each reference leads to 10. */
export function toldOn(database: object, entryOf: object, podSpec: object): readonly string[] {
  const spec = aSpec({ database, workloads: [{ name: "web", ...entryOf }] });
  const [entry] = spec.workloads;
  const { containers = [] } = project(rawWorkload({ template: { spec: podSpec } })) ?? {};
  const [container] = containers;
  if (!entry || !container) throw new Error("there is one of each");
  const told = {
    spec,
    entry,
    container,
    sizing: sizingOf(spec, entry),
    resolve: () => "10",
  };
  return mayHoldMore(told).map(({ message }) => message);
}
