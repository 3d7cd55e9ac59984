// What it takes to run the operator in a cluster, as plain manifests: its rights, its identity, one
// pod. No wildcard, no listing of secrets: reading a policy's secret is granted namespace by
// namespace, by the people who own it.

import { group, plural } from "../api/group.ts";
import type { Manifest } from "../ports.ts";

export const installNamespace = "poolwarden-system";
export const serviceAccount = "poolwarden";
const name = "poolwarden";
const labels = { "app.kubernetes.io/name": name };
const metadata = { name, namespace: installNamespace, labels };
const port = 8080;
const leaseGroup = "coordination.k8s.io";
const rbac = "rbac.authorization.k8s.io";

/** A rule of the operator's ClusterRole, and what it is needed for. */
export interface Right {
  readonly why: string;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export const rights: readonly Right[] = [
  right("what to manage", group, [plural], ["get", "list", "watch"]),
  right("grants, conditions and the ledger", group, [`${plural}/status`], ["update"]),
  right(
    "what is managed, rolls and template entries",
    "apps",
    ["deployments", "statefulsets"],
    ["get", "list", "watch", "patch"],
  ),
  right("what runs", "", ["pods"], ["list", "watch"]),
  right("which pods are of an old revision", "apps", ["replicasets"], ["list", "watch"]),
  right("what may still start", "autoscaling", ["horizontalpodautoscalers"], ["list", "watch"]),
  right(
    "whether pods are sized at admission",
    "admissionregistration.k8s.io",
    ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"],
    ["list", "watch"],
  ),
  right("explaining", "events.k8s.io", ["events"], ["create"]),
  right("alert rules", "monitoring.coreos.com", ["prometheusrules"], ["create", "patch", "delete"]),
];

/**
 * Of the namespace of the operator alone. Creating cannot be limited by name; it is for a Lease
 * that somebody has deleted.
 */
const leaseRules = [
  {
    apiGroups: [leaseGroup],
    resources: ["leases"],
    resourceNames: [name],
    verbs: ["get", "patch"],
  },
  { apiGroups: [leaseGroup], resources: ["leases"], verbs: ["create"] },
];

/** Everything but the CRD and the admission policy, in the order in which it is applied. */
export function buildInstall(image: string): readonly Manifest[] {
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: installNamespace, labels } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    buildClusterRole(),
    buildClusterRoleBinding(),
    { apiVersion: `${rbac}/v1`, kind: "Role", metadata, rules: leaseRules },
    buildRoleBinding(),
    // Free to be taken. Where there is none the first leader waits for one that may have been
    // there.
    { apiVersion: `${leaseGroup}/v1`, kind: "Lease", metadata },
    buildService(),
    buildDeployment(image),
  ];
}

/** Commands by which the owner of a namespace lets the operator read one secret of it. */
export function secretGrantCommands(namespace: string, secret: string): string {
  const role = `poolwarden-${secret}`;
  const account = `${installNamespace}:${serviceAccount}`;
  return (
    `kubectl create role ${role} -n ${namespace} --verb=get --resource=secrets ` +
    `--resource-name=${secret} && kubectl create rolebinding ${role} -n ${namespace} ` +
    `--role=${role} --serviceaccount=${account}`
  );
}

function buildClusterRole(): Manifest {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: { name, labels },
    rules: rights.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs })),
  };
}

function buildClusterRoleBinding(): Manifest {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace: installNamespace }],
  };
}

function buildRoleBinding(): Manifest {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: rbac, kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace: installNamespace }],
  };
}

function buildService(): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { selector: labels, ports: [{ name: "metrics", port, targetPort: "metrics" }] },
  };
}

function buildDeployment(image: string): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      // With more, one leads and the others stand by.
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(image) },
    },
  };
}

function podSpec(image: string): object {
  const probe = (path: string): object => ({ httpGet: { path, port: "metrics" } });
  return {
    serviceAccountName: serviceAccount,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name,
        image,
        args: ["run"],
        env: [
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
        ],
        ports: [{ name: "metrics", containerPort: port }],
        livenessProbe: probe("/livez"),
        readinessProbe: probe("/readyz"),
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}

function right(
  why: string,
  apiGroup: string,
  resources: readonly string[],
  verbs: readonly string[],
): Right {
  return { why, apiGroups: [apiGroup], resources, verbs };
}
