// What Poolwarden's own reader says of a container: the size that it counts, and whether something
// wins over the variable.
import { projectContainers } from "../../src/adapters/kubernetes/project-containers.ts";
import { poolPolicySpec } from "../../src/api/poolpolicy.ts";
import { sizingOf } from "../../src/api/sizing.ts";
import { ownSizeOf } from "../../src/reconcile/sizes/own-size.ts";
import type { Container, Size } from "./size-cases.ts";
import type { SizeProgram } from "./size-programs.ts";

export interface Counted {
  readonly size: Size;
  /** The place, where there is one. */
  readonly setElsewhere: string | undefined;
}

export function countedSize(
  { name, entry: said }: Pick<SizeProgram, "name" | "entry">,
  container: Container,
): Counted {
  const database = { address: "127.0.0.1:5432", maxConnections: 100 };
  const spec = poolPolicySpec.parse({ database, workloads: [{ name, ...said }] });
  const [entry] = spec.workloads;
  if (entry === undefined) throw new Error("the policy has no entry");
  const [projected] = projectContainers({ containers: [{ name: "app", ...container }] });
  const lookup = { annotation: undefined, resolve: () => undefined };
  const own = ownSizeOf(projected, sizingOf(spec, entry), lookup);
  return {
    size: own.unlimited ? "no limit" : own.poolSize,
    setElsewhere: own.setElsewhere,
  };
}
