// The fence around the right to patch pods. RBAC can only say "patch pods", and that right reaches
// images, tolerations, labels and owners. This ValidatingAdmissionPolicy lets the operator's
// account change two annotations of a pod and, together with them, remove our scheduling gate and
// write a third one which says so; nothing else. It binds nobody but that account.

import {
  poolSizeAnnotation,
  releasedAnnotation,
  resizedAnnotation,
  slotsGate,
} from "../api/group.ts";
import { resizedForm } from "../api/resized.ts";
import type { Manifest } from "../ports.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
const labels = { "app.kubernetes.io/name": "poolwarden" };

/** Its name, and its binding's. */
export const podFenceName = "poolwarden-pods";

interface Rule {
  readonly expression: string;
  readonly message: string;
}

const changeable = `['${poolSizeAnnotation}', '${resizedAnnotation}', '${releasedAnnotation}']`;
const isSame = (field: string, none: string): string =>
  `(has(object.${field}) ? object.${field} : ${none}) == (has(oldObject.${field}) ? oldObject.${field} : ${none})`;

/** Where it is written, this is so. */
const isWrittenWhere = (annotation: string, what: string): string =>
  `!('${annotation}' in variables.new) || ${what} || ` +
  `'${annotation}' in variables.old && variables.old['${annotation}'] == variables.new['${annotation}']`;
const isFormed = (annotation: string, form: string): string =>
  isWrittenWhere(annotation, `variables.new['${annotation}'].matches('${form}')`);

/**
 * What of a pod's spec can be changed at all, and more: compared one by one where the gate goes,
 * because the whole differs then.
 */
const specFields: readonly (readonly [field: string, none: string])[] = [
  ...["containers", "initContainers", "volumes", "tolerations", "imagePullSecrets"].map(
    (field) => [field, "[]"] as const,
  ),
  ...["hostAliases", "readinessGates", "topologySpreadConstraints"].map(
    (field) => [field, "[]"] as const,
  ),
  ...["nodeSelector", "overhead"].map((field) => [field, "{}"] as const),
  ...[
    "nodeName",
    "serviceAccountName",
    "schedulerName",
    "priorityClassName",
    "runtimeClassName",
  ].map((field) => [field, "''"] as const),
  ...["restartPolicy", "dnsPolicy", "hostname", "subdomain"].map((field) => [field, "''"] as const),
  ...["activeDeadlineSeconds", "terminationGracePeriodSeconds", "priority"].map(
    (field) => [field, "-1"] as const,
  ),
  ...["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"].map(
    (field) => [field, "false"] as const,
  ),
];

/** Of a field that is an object of its own: both have none, or the same. */
const isSameObject = (field: string): string =>
  `has(object.${field}) == has(oldObject.${field}) && (!has(object.${field}) || object.${field} == oldObject.${field})`;

const isSameButForTheGate = [
  ...specFields.map(([field, none]) => isSame(`spec.${field}`, none)),
  ...["affinity", "securityContext", "dnsConfig"].map((field) => isSameObject(`spec.${field}`)),
].join(" && ");

const rules: readonly Rule[] = [
  {
    expression:
      `variables.new.all(k, k in ${changeable} || k in variables.old && variables.old[k] == variables.new[k]) && ` +
      `variables.old.all(k, k in variables.new)`,
    message: `Poolwarden may change no annotation of a pod but ${poolSizeAnnotation}, ${resizedAnnotation} and ${releasedAnnotation}, and remove none`,
  },
  {
    expression: isFormed(poolSizeAnnotation, "^[1-9][0-9]{0,6}$"),
    message: `${poolSizeAnnotation} is a number of at least 1`,
  },
  {
    expression: isFormed(resizedAnnotation, resizedForm),
    message: `${resizedAnnotation} says what the pod had before, until when, and how often it was told`,
  },
  // Pods that an operator without this annotation released have none.
  {
    expression: isWrittenWhere(
      releasedAnnotation,
      `variables.isRelease && variables.new['${releasedAnnotation}'] == object.metadata.uid`,
    ),
    message: `${releasedAnnotation} is the uid of a pod whose scheduling gate is removed`,
  },
  {
    expression:
      "variables.isRelease ? variables.newGates == variables.oldGates.filter(g, g != " +
      `'${slotsGate}') && ${isSameButForTheGate} : object.spec == oldObject.spec`,
    message: `Poolwarden may not change the spec of a pod, but for removing the scheduling gate ${slotsGate}`,
  },
  {
    expression:
      `!variables.isRelease || '${poolSizeAnnotation}' in variables.new && '${resizedAnnotation}' in variables.new && ` +
      `(!('${resizedAnnotation}' in variables.old) || variables.old['${resizedAnnotation}'] != variables.new['${resizedAnnotation}'])`,
    message: `Poolwarden may remove the scheduling gate ${slotsGate} only together with giving a size`,
  },
  {
    expression: isSame("metadata.labels", "{}"),
    message: "Poolwarden may not change the labels of a pod",
  },
  {
    expression: isSame("metadata.finalizers", "[]"),
    message: "Poolwarden may not change the finalizers of a pod",
  },
  {
    expression: isSame("metadata.ownerReferences", "[]"),
    message: "Poolwarden may not change the owners of a pod",
  },
];

/** `account` is who it binds: `system:serviceaccount:namespace:name`. */
export function buildPodFence(account: string): Manifest {
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: podFenceName, labels },
    spec: {
      // A write that cannot be held against the rules is not made.
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            operations: ["UPDATE"],
            resources: ["pods"],
            scope: "Namespaced",
          },
        ],
      },
      matchConditions: [
        { name: "the-operator", expression: `request.userInfo.username == '${account}'` },
      ],
      variables: [
        {
          name: "new",
          expression: "has(object.metadata.annotations) ? object.metadata.annotations : {}",
        },
        {
          name: "old",
          expression: "has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}",
        },
        { name: "newGates", expression: gatesOf("object") },
        { name: "oldGates", expression: gatesOf("oldObject") },
        { name: "isRelease", expression: "variables.newGates != variables.oldGates" },
      ],
      validations: rules.map((rule) => ({ ...rule, reason: "Forbidden" })),
    },
  };
}

function gatesOf(pod: string): string {
  return `has(${pod}.spec.schedulingGates) ? ${pod}.spec.schedulingGates.map(g, g.name) : []`;
}

export function buildPodFenceBinding(): Manifest {
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: podFenceName, labels },
    spec: { policyName: podFenceName, validationActions: ["Deny"] },
  };
}
