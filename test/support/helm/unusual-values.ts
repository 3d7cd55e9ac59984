// Values of the chart that are not the usual ones, from every part of it: what the chart is
// rendered and installed with, alone and together.
export const digest = `sha256:${"ab".repeat(32)}`;

/** Values that are not the usual ones, from every part of the chart. */
export const unusual: Readonly<Record<string, object>> = {
  "an image by digest": { image: { digest }, imagePullSecrets: [{ name: "registry" }] },
  "three replicas": { replicaCount: 3, podDisruptionBudget: { enabled: true } },
  "other names": { nameOverride: "pools", commonLabels: { team: "databases" } },
  "one other name": { fullnameOverride: "pool-keeper" },
  "no CRD": { crds: { enabled: false } },
  "a CRD that goes": { crds: { keep: false } },
  "two namespaces": { watchNamespaces: ["shop", "billing"] },
  "its own namespace": { watchNamespaces: ["poolwarden-system"] },
  "operator settings": { operator: { logLevel: "debug", settleTime: "10s" } },
  "runbooks of one's own": { operator: { runbookBaseUrl: "https://wiki.example.com/runbooks/" } },
  "admission by force": { delivery: { admission: { enabled: true } } },
  "no admission": { delivery: { admission: { enabled: false } } },
  secrets: { database: { secretNames: { shop: ["orders-db", "stock-db"], billing: ["db"] } } },
  "bounds for tenants": {
    database: {
      allowedHosts: ["*.shop.svc", "10.0.0.0/8", "[2001:db8::/32]:5432", "db.example.com:5432"],
      namespaceQuotas: { shop: "40%", billing: 20, "*": 9 },
    },
  },
  "no rights": { rbac: { create: false, aggregateToUserRoles: false } },
  "an account that is there": { serviceAccount: { create: false, name: "pools" } },
  "an account with annotations": { serviceAccount: { annotations: { "example.com/a": "b" } } },
  "no election": { leaderElection: { enabled: false } },
  "a patient election": {
    leaderElection: { leaseDuration: "60s", renewDeadline: "40s", retryPeriod: "5s" },
  },
  monitoring: {
    metrics: {
      port: 9090,
      serviceMonitor: { enabled: true, interval: "15s", labels: { release: "prometheus" } },
      prometheusRule: { enabled: true, labels: { release: "prometheus" } },
      dashboard: { enabled: true },
    },
  },
  "a network policy": {
    networkPolicy: {
      enabled: true,
      ingressFrom: [{ namespaceSelector: {} }],
      apiServerTo: [{ ipBlock: { cidr: "10.0.0.1/32" } }],
      databases: [{ to: [{ ipBlock: { cidr: "10.1.0.0/16" } }], ports: [5432, 6432] }],
    },
  },
  placement: {
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [{ operator: "Exists" }],
    affinity: { nodeAffinity: {} },
    priorityClassName: "system-cluster-critical",
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" },
    ],
  },
  "pods of their own kind": {
    podLabels: { "sidecar.example.com/inject": "false" },
    podAnnotations: { "example.com/scrape": "true" },
    extraEnv: [{ name: "NODE_EXTRA_CA_CERTS", value: "/ca.pem" }],
    extraArgs: ["--log-level=trace"],
    terminationGracePeriodSeconds: 60,
  },
};

/** Keys of later ones win, group by group. */
export function together(parts: readonly object[]): object {
  const merged: Record<string, unknown> = {};
  for (const [name, value] of parts.flatMap((part) => Object.entries(part))) {
    const before = merged[name];
    merged[name] = isGroup(before) && isGroup(value) ? together([before, value]) : value;
  }
  return merged;
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
