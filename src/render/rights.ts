// The rights of the operator, each with what it is needed for: the one source of the chart's roles,
// of the reference and of the tests that take them away one by one. No wildcard, no listing of
// secrets: reading a policy's secret is granted namespace by namespace, by the people who own it.

import { group, plural } from "../api/group.ts";
import { workloadKinds } from "../api/workload-kinds.ts";

/**
 * Where a right holds. `watched`: in every watched namespace. `cluster`: of objects without a
 * namespace. `own`: in the namespace of the operator alone.
 */
export type Reach = "watched" | "cluster" | "own";

/** One rule of a role of the operator, and what it is needed for. */
export interface Right {
  readonly reach: Reach;
  readonly why: string;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Of the chart: given only where it is true. */
  readonly unlessOff?: "evictions.enabled";
  /** Of the chart: given only where its owner has asked for it. */
  readonly onlyIf?: "livePools.enabled";
  /** Of the object with the name of the Lease only. */
  readonly ofLease?: true;
}

/** API groups of workloads, each with its resources. */
const workloadGroups = [
  ...Map.groupBy(Object.values(workloadKinds), ({ apiGroup }) => apiGroup),
].map(([ofGroup, kinds]) => [ofGroup, kinds.map((kind) => kind.plural)] as const);

export const rights: readonly Right[] = [
  watched("what to manage", group, [plural], ["list", "watch"]),
  watched("grants, conditions and the ledger", group, [`${plural}/status`], ["update"]),
  ...workloadGroups.map(([ofGroup, plurals]) =>
    watched("what is managed, rolls and template entries", ofGroup, plurals, [
      ...["get", "list", "watch", "patch"],
    ]),
  ),
  watched("what runs", "", ["pods"], ["list", "watch"]),
  {
    ...watched("repairs, one pod at a time", "", ["pods/eviction"], ["create"]),
    unlessOff: "evictions.enabled",
  },
  {
    ...watched("sizes of running pods, within the fence", "", ["pods"], ["patch"]),
    onlyIf: "livePools.enabled",
  },
  watched("which pods are of an old revision", "apps", ["replicasets"], ["list", "watch"]),
  watched("what may still start", "autoscaling", ["horizontalpodautoscalers"], ["list", "watch"]),
  watched("explaining", "events.k8s.io", ["events"], ["create"]),
  watched(
    "alert rules",
    "monitoring.coreos.com",
    ["prometheusrules"],
    ["list", "watch", "create", "patch", "delete"],
  ),
  {
    reach: "cluster",
    why: "whether pods are sized at admission",
    apiGroups: ["admissionregistration.k8s.io"],
    resources: ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"],
    verbs: ["list", "watch"],
  },
  { ...lease("leading, and seeing who leads", ["get", "patch"]), ofLease: true },
  // Creating cannot be limited by name.
  lease("a Lease that somebody has deleted", ["create"]),
];

/** Who the operator is where nobody says otherwise: `namespace:name` of its ServiceAccount. */
export const usualServiceAccount = "poolwarden-system:poolwarden";

/**
 * Commands by which the owner of a namespace lets the operator read one secret of it. The account
 * as `namespace:name`.
 */
export function secretGrantCommands(
  namespace: string,
  secret: string,
  serviceAccount: string = usualServiceAccount,
): string {
  const right = `--verb=get --resource=secrets --resource-name=${secret}`;
  return grantCommands({ role: `poolwarden-${secret}`, namespace, right, serviceAccount });
}

/** Commands that let the operator evict pods of one namespace. */
export function evictionGrantCommands(
  namespace: string,
  serviceAccount: string = usualServiceAccount,
): string {
  const right = "--verb=create --resource=pods/eviction";
  return grantCommands({ role: "poolwarden-evictions", namespace, right, serviceAccount });
}

interface NamedGrant {
  readonly role: string;
  readonly namespace: string;
  /** Flags of `kubectl create role`. */
  readonly right: string;
  readonly serviceAccount: string;
}

function grantCommands({ role, namespace, right, serviceAccount }: NamedGrant): string {
  return (
    `kubectl create role ${role} -n ${namespace} ${right} && ` +
    `kubectl create rolebinding ${role} -n ${namespace} --role=${role} ` +
    `--serviceaccount=${serviceAccount}`
  );
}

function watched(
  why: string,
  apiGroup: string,
  resources: readonly string[],
  verbs: readonly string[],
): Right {
  return { reach: "watched", why, apiGroups: [apiGroup], resources, verbs };
}

function lease(why: string, verbs: readonly string[]): Right {
  const apiGroups = ["coordination.k8s.io"];
  return { reach: "own", why, apiGroups, resources: ["leases"], verbs };
}
