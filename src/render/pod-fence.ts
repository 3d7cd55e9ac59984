// The fence around the right to patch pods. RBAC can only say "patch pods", and that right reaches
// images, tolerations, labels and owners. This ValidatingAdmissionPolicy lets the operator's
// account change two annotations of a pod and nothing else. It binds nobody but that account.

import { poolSizeAnnotation, resizedAnnotation } from "../api/group.ts";
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

const changeable = `['${poolSizeAnnotation}', '${resizedAnnotation}']`;
const isSame = (field: string, none: string): string =>
  `(has(object.${field}) ? object.${field} : ${none}) == (has(oldObject.${field}) ? oldObject.${field} : ${none})`;

/** Where it is written, it has the form. */
const isFormed = (annotation: string, form: string): string =>
  `!('${annotation}' in variables.new) || variables.new['${annotation}'].matches('${form}') || ` +
  `'${annotation}' in variables.old && variables.old['${annotation}'] == variables.new['${annotation}']`;

const rules: readonly Rule[] = [
  {
    expression:
      `variables.new.all(k, k in ${changeable} || k in variables.old && variables.old[k] == variables.new[k]) && ` +
      `variables.old.all(k, k in variables.new)`,
    message: `Poolwarden may change no annotation of a pod but ${poolSizeAnnotation} and ${resizedAnnotation}, and remove none`,
  },
  {
    expression: isFormed(poolSizeAnnotation, "^[1-9][0-9]{0,6}$"),
    message: `${poolSizeAnnotation} is a number of at least 1`,
  },
  {
    expression: isFormed(resizedAnnotation, resizedForm),
    message: `${resizedAnnotation} says what the pod had before, until when, and how often it was told`,
  },
  {
    expression: "object.spec == oldObject.spec",
    message: "Poolwarden may not change the spec of a pod",
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
      ],
      validations: rules.map((rule) => ({ ...rule, reason: "Forbidden" })),
    },
  };
}

export function buildPodFenceBinding(): Manifest {
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: podFenceName, labels },
    spec: { policyName: podFenceName, validationActions: ["Deny"] },
  };
}
