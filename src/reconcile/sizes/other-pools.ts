// A pod may have several pools, each under variables of its own. What another pool of it writes is
// no number of this one: neither its size under another name, nor a minimum or a container beside
// it. A value may refer to it all the same, and the kubelet fills it in.

import { plainName } from "../../api/relaxed-names.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { ObservedContainer, ObservedPod, PickedWorkload } from "../../observed.ts";

type NamesOfOthers = Pick<ReadonlySet<string>, "has">;

interface Observed {
  readonly workload: PickedWorkload;
  readonly pods: readonly ObservedPod[];
  /** Entries (`container/name`, plain) of other pools; undefined: there is no other. */
  readonly namesOfOthers?: NamesOfOthers | undefined;
}

/** The same without the variables of other pools, but for what refers to them. */
export function withoutOtherPools<T extends Observed>(observed: T): T {
  const { workload, pods, namesOfOthers } = observed;
  if (namesOfOthers === undefined) return observed;
  const own = ownOf(namesOfOthers);
  const sized = <P extends ObservedPod | PickedWorkload>(one: P): P => {
    const containers = own(one.containers);
    return containers === one.containers ? one : { ...one, containers };
  };
  return { ...observed, workload: sized(workload), pods: pods.map(sized) };
}

/** Pods of a template share their containers, and each decision asks. */
const ownOf = oncePer((names: NamesOfOthers) =>
  oncePer((containers: readonly ObservedContainer[]) =>
    containers.map((container): ObservedContainer => {
      const isOwn = ({ name }: { readonly name: string }): boolean =>
        !names.has(`${container.name}/${plainName(name)}`);
      const { env, settings } = container;
      if (env.every(isOwn) && settings?.every(isOwn) !== false) return container;
      const own = { ...container, env: env.filter(isOwn), envOfAllPools: env };
      return settings ? { ...own, settings: settings.filter(isOwn) } : own;
    }),
  ),
);
