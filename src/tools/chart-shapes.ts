// What a value of the chart may be, as JSON schema, where its default does not say it: the words of
// a choice, the pattern of a duration, what a list holds. A wrong value is refused when the chart
// is installed, and not by a pod that does not start.

import { connectionsMax } from "../api/database.ts";
import { durationPattern } from "../api/durations.ts";
import { dnsLabelPattern, objectNameMax, objectNamePattern } from "../api/names.ts";
import { runbookBaseUrlPattern } from "../render/alert.ts";
import { logLevels } from "../usage.ts";

type Shape = Readonly<Record<string, unknown>>;

const nothing = { type: "string", maxLength: 0 };
const text = { type: "string" };
const duration = { type: "string", pattern: durationPattern };
const port = { type: "integer", minimum: 1, maximum: 65_535 };
const count = { type: "integer", minimum: 0 };
const countOrPercent = { oneOf: [count, { type: "string", pattern: "^[0-9]+%$" }] };
const objectName = { type: "string", pattern: objectNamePattern, maxLength: objectNameMax };
const namespaceName = { type: "string", pattern: dnsLabelPattern };
const labels = { type: "object", additionalProperties: { type: "string" } };
/** A part of a Kubernetes object, which the API server checks. */
const anObject = { type: "object" };
const objects = { type: "array", items: anObject };

const quotas = {
  type: "object",
  propertyNames: { anyOf: [namespaceName, { const: "*" }] },
  additionalProperties: {
    oneOf: [
      { type: "integer", minimum: 1, maximum: connectionsMax },
      { type: "string", pattern: "^([1-9][0-9]?|100)%$" },
    ],
  },
};

/** By path in values.yaml. What is not here is as its default is. */
export const shapes: Readonly<Record<string, Shape>> = {
  "image.repository": { type: "string", minLength: 1 },
  "image.digest": { anyOf: [nothing, { type: "string", pattern: "^sha256:[0-9a-f]{64}$" }] },
  "image.pullPolicy": { enum: ["Always", "IfNotPresent", "Never"] },
  imagePullSecrets: objects,
  replicaCount: count,
  nameOverride: { anyOf: [nothing, objectName] },
  fullnameOverride: { anyOf: [nothing, objectName] },
  watchNamespaces: { type: "array", items: namespaceName, uniqueItems: true },
  "operator.logLevel": { enum: logLevels },
  "operator.databaseInterval": duration,
  "operator.settleTime": duration,
  "operator.admissionWarmUp": duration,
  "operator.runbookBaseUrl": {
    anyOf: [nothing, { type: "string", pattern: runbookBaseUrlPattern }],
  },
  "delivery.admission.enabled": { enum: ["auto", true, false] },
  "database.secretNames": {
    type: "object",
    propertyNames: namespaceName,
    // An empty list of names would mean every secret.
    additionalProperties: { type: "array", items: objectName, minItems: 1, uniqueItems: true },
  },
  "database.allowedHosts": {
    type: "array",
    items: { type: "string", pattern: "^[^\\s,]+$" },
    uniqueItems: true,
  },
  "database.namespaceQuotas": quotas,
  "database.namespaceShares": quotas,
  "serviceAccount.name": { anyOf: [nothing, objectName] },
  "serviceAccount.annotations": labels,
  "leaderElection.leaseDuration": duration,
  "leaderElection.renewDeadline": duration,
  "leaderElection.retryPeriod": duration,
  "metrics.port": port,
  "metrics.serviceMonitor.interval": duration,
  "metrics.serviceMonitor.labels": labels,
  "metrics.prometheusRule.labels": labels,
  "metrics.dashboard.labels": labels,
  "podDisruptionBudget.maxUnavailable": countOrPercent,
  "networkPolicy.ingressFrom": objects,
  "networkPolicy.apiServerTo": objects,
  "networkPolicy.apiServerPorts": { type: "array", items: port, minItems: 1 },
  "networkPolicy.databases": {
    type: "array",
    items: {
      type: "object",
      required: ["ports"],
      additionalProperties: false,
      properties: { to: objects, ports: { type: "array", items: port, minItems: 1 } },
    },
  },
  resources: anObject,
  podSecurityContext: anObject,
  containerSecurityContext: anObject,
  nodeSelector: labels,
  tolerations: objects,
  affinity: anObject,
  topologySpreadConstraints: objects,
  terminationGracePeriodSeconds: count,
  commonLabels: labels,
  podLabels: labels,
  podAnnotations: labels,
  extraEnv: objects,
  extraArgs: { type: "array", items: text },
};
