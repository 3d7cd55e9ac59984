// Builds the MutatingAdmissionPolicy through which the API server itself gives each new pod its
// size, and the binding that makes the PoolPolicies of the pod's namespace its parameters. The CEL
// below runs inside the API server at every pod creation: whatever it does wrong, pods pay for. So
// it applies a grant whole or not at all, and only entries that cannot change which program a pod
// runs; a pod that it leaves alone starts with its template's own size, which is found and counted.

import { mayStayNamedCel } from "../api/environment.ts";
import { admissionPolicyName, apiVersion, kind, poolSizeAnnotation } from "../api/group.ts";
import { ownNames } from "../api/granted-names.ts";
import { profiles } from "../api/profiles.ts";
import { entriesWrittenOverMax, numberPattern } from "../api/size-text.ts";
import type { Manifest } from "../ports.ts";

const admissionApiVersion = "admissionregistration.k8s.io/v1";
const labels = { "app.kubernetes.io/name": "poolwarden" };

/** The MutatingAdmissionPolicy, `admissionregistration.k8s.io/v1`. Takes no input: one for all. */
export function buildAdmissionPolicy(): Manifest {
  return {
    apiVersion: admissionApiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata: { name: admissionPolicyName, labels },
    spec: {
      paramKind: { apiVersion, kind },
      // Fail would stop every pod of the cluster on a mistake of ours.
      failurePolicy: "Ignore",
      // Again after later mutations of others; see kept: a second run changes nothing.
      reinvocationPolicy: "IfNeeded",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            operations: ["CREATE"],
            resources: ["pods"],
            scope: "Namespaced",
          },
        ],
      },
      matchConditions: conditions.map(([name, expression]) => ({ name, expression })),
      variables: variables.map(([name, expression]) => ({ name, expression })),
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: patch } }],
    },
  };
}

/** The binding: every PoolPolicy of the pod's own namespace is a parameter; none is fine too. */
export function buildAdmissionPolicyBinding(): Manifest {
  return {
    apiVersion: admissionApiVersion,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name: admissionPolicyName, labels },
    spec: {
      policyName: admissionPolicyName,
      paramRef: { selector: {}, parameterNotFoundAction: "Allow" },
    },
  };
}

type Named = readonly [name: string, expression: string];

const conditions: readonly Named[] = [
  // A bare pod belongs to no workload. A mirror pod only shows what a kubelet runs from a file.
  [
    "has-controller",
    "has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller)",
  ],
  [
    "not-a-mirror",
    "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
  ],
  // The user's word counts at once, even while nobody is there to withdraw the grants.
  [
    "policy-enforces",
    "!has(params.metadata.deletionTimestamp) && has(params.spec) && (!has(params.spec.mode) || params.spec.mode == 'Enforce')",
  ],
  // The whole of what follows is dear, and is done for each policy of the namespace: somebody may
  // make a thousand, each of which grants to another workload.
  [
    "policy-grants",
    "has(params.status) && has(params.status.delivery) && params.status.delivery == 'Admission' && has(params.status.grants) && " +
      "has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller && " +
      `(${workloadOf("o", hashSuffix("pod-template-hash"), hashSuffix("rollouts-pod-template-hash"))}) in params.status.grants)`,
  ],
];

const settings = Object.values(profiles).flatMap((profile) => profile.settings);
const settingWords = [
  ...new Set(
    settings
      .filter((setting) => !/^[0-9]+$/.test(setting.value))
      .map((setting) => `${setting.name}=${setting.value}`),
  ),
];

const variables: readonly Named[] = [
  ["owner", "object.metadata.ownerReferences.filter(o, has(o.controller) && o.controller)[0]"],
  ["hash", hashSuffix("pod-template-hash")],
  ["rolloutHash", hashSuffix("rollouts-pod-template-hash")],
  ["workload", workloadOf("variables.owner", "variables.hash", "variables.rolloutHash")],
  ["granted", "variables.workload in params.status.grants"],
  ["grant", "params.status.grants[variables.workload]"],
  [
    "specNames",
    "has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.env)).map(w, ['maxSize', 'minSize', 'initialSize', 'overflow'].map(n, n in dyn(w.env) ? dyn(w.env)[n] : '')) : []",
  ],
  ["knownNames", celList([...ownNames])],
  ["settingWords", celList(settingWords)],
  // The names of the spec are held to the rules once more, where those of the CRD are missing.
  [
    "safeNames",
    "variables.grant.env.all(e, e.name in variables.knownNames || variables.specNames.exists(names, e.name in names) && " +
      `${mayStayNamedCel("e.name")})`,
  ],
  [
    "safeValues",
    "variables.grant.env.all(e, e.value.matches('^[0-9]{1,10}$') || e.name + '=' + e.value in variables.settingWords)",
  ],
  // The annotation must not promise what no entry says. Libraries take 0 for "no limit" or fail.
  [
    "sized",
    "variables.grant.poolSize > 0 && variables.grant.env.exists(e, e.value == string(variables.grant.poolSize))",
  ],
  ["ready", "variables.granted && variables.safeNames && variables.safeValues && variables.sized"],
  [
    "index",
    "variables.ready ? object.spec.containers.map(c, c.name).indexOf(variables.grant.container) : -1",
  ],
  // An init container that keeps running is a container like any other.
  [
    "sidecar",
    "variables.ready && variables.index < 0 && has(object.spec.initContainers) ? " +
      "object.spec.initContainers.map(c, has(c.restartPolicy) && c.restartPolicy == 'Always' ? c.name : '').indexOf(variables.grant.container) : -1",
  ],
  [
    "present",
    "variables.index >= 0 ? " +
      envOf("object.spec.containers[variables.index]") +
      " : variables.sidecar >= 0 ? " +
      envOf("object.spec.initContainers[variables.sidecar]") +
      " : dyn([])",
  ],
  ["names", "variables.grant.env.map(e, e.name)"],
  [
    "numbers",
    "variables.ready ? variables.grant.env.filter(e, e.value.matches('^[0-9]+$')).map(e, e.name) : []",
  ],
  // What holds no number now is something else than a size, whatever its name: a connection string,
  // or a list. A reference to a variable that holds one is a number, too, and so is what comes from
  // elsewhere: nothing here can look it up. References are listed once, and looked for only for as
  // many entries as anybody has: for thousands of them it would take the square of the time.
  [
    "references",
    `variables.present.filter(o, !has(o.value) || o.value.matches(r'${numberPattern}')).map(o, '$(' + o.name + ')')`,
  ],
  ["replaced", "variables.present.filter(e, e.name in variables.numbers)"],
  [
    "writable",
    `variables.replaced.size() <= ${entriesWrittenOverMax} && variables.replaced.all(e, !has(e.value) || ` +
      `e.value.matches(r'${numberPattern}') || e.value in variables.references)`,
  ],
  [
    "path",
    "!variables.writable ? '' : " +
      "variables.index >= 0 ? '/spec/containers/' + string(variables.index) + '/env' : " +
      "variables.sidecar >= 0 ? '/spec/initContainers/' + string(variables.sidecar) + '/env' : ''",
  ],
  ["kept", "variables.present.filter(e, !(e.name in variables.names))"],
];

// Ours come first, so that other entries can refer to them as $(NAME). Values are maps under dyn():
// lists of typed Object literals make the API server panic. ApplyConfiguration is not used: it puts
// `value` beside an existing `valueFrom`, and no such pod could start.
const patch =
  "variables.path == '' ? [] : [" +
  'JSONPatch{op: "add", path: variables.path, ' +
  'value: dyn(variables.grant.env.map(e, {"name": e.name, "value": e.value})) + dyn(variables.kept)}, ' +
  "has(object.metadata.annotations) ? " +
  `JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("${poolSizeAnnotation}"), value: string(variables.grant.poolSize)} : ` +
  `JSONPatch{op: "add", path: "/metadata/annotations", value: dyn({"${poolSizeAnnotation}": string(variables.grant.poolSize)})}]`;

function envOf(container: string): string {
  return `(has(${container}.env) ? dyn(${container}.env) : dyn([]))`;
}

function hashSuffix(label: string): string {
  const labelled = `has(object.metadata.labels) && '${label}' in object.metadata.labels`;
  return `(${labelled} ? '-' + object.metadata.labels['${label}'] : '')`;
}

/**
 * A pod names its ReplicaSet; what is left of that name without the hash is the Deployment's, or
 * the Argo Rollout's. A kind of the same name from another API group is another workload.
 */
function workloadOf(owner: string, hash: string, rolloutHash: string): string {
  const appsKinds = "['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']";
  return (
    `${owner}.kind in ${appsKinds} && !${owner}.apiVersion.startsWith('apps/') ? '' : ` +
    `${owner}.kind != 'ReplicaSet' ? ${owner}.kind + '/' + ${owner}.name : ` +
    stemUnder("Rollout", `${owner}.name`, rolloutHash) +
    stemUnder("Deployment", `${owner}.name`, hash) +
    `'ReplicaSet/' + ${owner}.name`
  );
}

function stemUnder(workloadKind: string, name: string, suffix: string): string {
  return (
    `${suffix} != '' && ${name}.endsWith(${suffix}) ? ` +
    `'${workloadKind}/' + ${name}.substring(0, ${name}.size() - ${suffix}.size()) : `
  );
}

function celList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(", ")}]`;
}
