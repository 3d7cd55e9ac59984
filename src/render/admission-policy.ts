// Builds the MutatingAdmissionPolicy through which the API server itself gives each new pod its
// size, and the binding that makes the PoolPolicies of the pod's namespace its parameters. The CEL
// below runs inside the API server at every pod creation: whatever it does wrong, pods pay for. So
// it applies a grant whole or not at all, and only entries that cannot change which program a pod
// runs; a pod that it leaves alone starts with its template's own size, which is found and counted.

import { forbiddenStartCel, mayStayNamedCel } from "../api/environment.ts";
import {
  admissionPolicyName,
  apiVersion,
  kind,
  poolSizeAnnotation,
  poolSizeAnnotationOf,
  poolSizeFieldPath,
} from "../api/group.ts";
import { ownNames } from "../api/granted-names.ts";
import { mainPool } from "../api/keys.ts";
import { variablePrefixCel } from "../api/prefixes.ts";
import { presetEndings } from "../api/preset-names.ts";
import { profiles } from "../api/profiles.ts";
import { entriesWrittenOverMax, isNumberCel } from "../api/size-text.ts";
import type { Manifest } from "../ports.ts";
import { containerFor, containerOfThisPod } from "./admission-containers.ts";
import { celValue, livePatches, livePools } from "./admission-live.ts";
import { hashSuffix, workloadOf } from "./admission-owners.ts";
import { isPicked, placesList, podsVariables } from "./admission-pods.ts";

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
  // A mirror pod only shows what a kubelet runs from a file.
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
      `(${isPicked} || ` +
      "has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller && " +
      `[${workloadOf("o", hashSuffix("pod-template-hash"), hashSuffix("rollouts-pod-template-hash"))}].exists(n, n in params.status.grants || ` +
      "has(params.spec.workloads) && params.spec.workloads.exists(w, has(w.pool) && n + '/' + w.pool in params.status.grants))))",
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

function grantOf(key: string): string {
  return `params.status.grants[${key}]`;
}

const ofKey = grantOf("k");

// The names of the spec are held to the rules once more, where those of the CRD are missing.
const safeNames =
  `${ofKey}.env.all(e, e.name in variables.knownNames || ` +
  "variables.specPrefixes.exists(p, e.name.startsWith(p) && e.name.substring(p.size()) in variables.endings) || " +
  `variables.specNames.exists(names, e.name in names) && ${mayStayNamedCel("e.name")})`;
const safeValues = `${ofKey}.env.all(e, e.value.matches('^[0-9]{1,10}$') || e.name + '=' + e.value in variables.settingWords)`;
// The annotation must not promise what no entry says. Libraries take 0 for "no limit" or fail.
const sized = `${ofKey}.poolSize > 0 && ${ofKey}.env.exists(e, e.value == string(${ofKey}.poolSize))`;

const isWritten = `variables.written.exists(k, ${containerFor("k")} == c)`;

const ofReady = "variables.ready.indexOf(k)";
const ofPlace = `variables.places.indexOf(${containerFor("k")})`;
const indexIn = { present: ofPlace, references: ofPlace, numbers: ofReady, replaced: ofReady };

const areNumbers =
  `list.size() <= ${entriesWrittenOverMax} && ` +
  withItsOwn(
    "references",
    "known",
    `list.all(e, !has(e.value) || ${isNumberCel("e.value")} || e.value in known)`,
  );
const isThere = `(${containerFor("k")} in variables.places)`;

/**
 * Of what is worked out for each of the ready ones, or for its container; under another name, so
 * that it is once.
 */
function withItsOwn(list: keyof typeof indexIn, name: string, expression: string): string {
  return `[variables.${list}[${indexIn[list]}]].map(${name}, ${expression})[0]`;
}

/** The environment of the container that `name` yields. */
function presentOf(name: string): string {
  const at = (names: string): string => `variables.${names}.indexOf(${name})`;
  return (
    `${at("containers")} >= 0 ? ${envOf(`object.spec.containers[${at("containers")}]`)} : ` +
    envOf(`object.spec.initContainers[${at("sidecars")}]`)
  );
}

const variables: readonly Named[] = [
  [
    "owners",
    "has(object.metadata.ownerReferences) ? object.metadata.ownerReferences.filter(o, has(o.controller) && o.controller) : []",
  ],
  ["hash", hashSuffix("pod-template-hash")],
  ["rolloutHash", hashSuffix("rollouts-pod-template-hash")],
  // A bare pod belongs to no workload.
  [
    "workload",
    `variables.owners.size() == 0 ? '' : ${workloadOf("variables.owners[0]", "variables.hash", "variables.rolloutHash")}`,
  ],
  // Of the main pool, and of those that entries name; several entries may have one name.
  [
    "furtherKeys",
    `has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.pool) && w.pool != '${mainPool}').map(w, variables.workload + '/' + w.pool) : []`,
  ],
  [
    "workloadKeys",
    `[variables.workload].filter(k, k in params.status.grants) + ${placesList}.filter(i, i < variables.furtherKeys.size() && ` +
      "variables.furtherKeys.indexOf(variables.furtherKeys[i]) == i && variables.furtherKeys[i] in params.status.grants).map(i, variables.furtherKeys[i])",
  ],
  ...podsVariables(annotationOf),
  ["keys", "variables.workloadKeys + variables.podsKeys"],
  [
    "specNames",
    "has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.env)).map(w, ['maxSize', 'minSize', 'initialSize', 'overflow'].map(n, n in dyn(w.env) ? dyn(w.env)[n] : '')) : []",
  ],
  // Of further pools of a preset; what stands behind them is one of a few endings.
  [
    "specPrefixes",
    `has(params.spec.workloads) ? params.spec.workloads.filter(w, has(w.prefix)).map(w, ${variablePrefixCel("w.prefix")}).filter(p, !${forbiddenStartCel("p")}) : []`,
  ],
  ["knownNames", celList([...ownNames])],
  ["endings", celList(presetEndings)],
  ["settingWords", celList(settingWords)],
  ["ready", `variables.keys.filter(k, ${safeNames} && ${safeValues} && ${sized})`],
  ["containers", "object.spec.containers.map(c, c.name)"],
  // An init container that keeps running is a container like any other.
  [
    "sidecars",
    "has(object.spec.initContainers) ? object.spec.initContainers.map(c, has(c.restartPolicy) && c.restartPolicy == 'Always' ? c.name : '') : []",
  ],
  [
    "targeted",
    `variables.ready.map(k, ${ofKey}.container != '' ? ${ofKey}.container : ${containerOfThisPod})`,
  ],
  // What holds no number now is something else than a size, whatever its name: a connection string,
  // or a list. A reference to a variable that holds one is a number, too, and so is what comes from
  // elsewhere: nothing here can look it up. References are listed once, and looked for only for as
  // many entries as anybody has: for thousands of them it would take the square of the time. Each
  // variable has a limit of its own for what it may cost, so there are several.
  // Of each container once, however many pools are in it.
  [
    "places",
    `(variables.containers + variables.sidecars).filter(c, c != '' && variables.ready.exists(k, ${containerFor("k")} == c))`,
  ],
  ["present", `variables.places.map(c, ${presentOf("c")})`],
  [
    "references",
    `variables.present.map(list, list.filter(o, !has(o.value) || ${isNumberCel("o.value")}).map(o, '$(' + o.name + ')'))`,
  ],
  [
    "numbers",
    `variables.ready.map(k, ${ofKey}.env.filter(e, e.value.matches('^[0-9]+$')).map(e, e.name))`,
  ],
  [
    "replaced",
    `variables.ready.map(k, ${isThere} ? ${withItsOwn("present", "list", withItsOwn("numbers", "names", "list.filter(e, e.name in names)"))} : dyn([]))`,
  ],
  [
    "fitting",
    `variables.ready.filter(k, ${isThere} && ${withItsOwn("replaced", "list", areNumbers)})`,
  ],
  // Two that would write one variable are never published, but for a moment: the first one counts.
  [
    "written",
    "variables.fitting.filter(k, !variables.fitting.exists(o, variables.fitting.indexOf(o) < variables.fitting.indexOf(k) && " +
      `${containerFor("o")} == ${containerFor("k")} && ${grantOf("o")}.env.exists(e, ${grantOf("k")}.env.exists(f, e.name == f.name))))`,
  ],
  ["live", livePools(ofKey)],
  ["first", "variables.written.size() > 0 ? variables.written[0] : ''"],
  ["targets", `variables.containers.filter(c, ${isWritten})`],
  [
    "sidecarTargets",
    `variables.sidecars.filter(c, c != '' && !(c in variables.containers) && ${isWritten})`,
  ],
];

// Ours come first, so that other entries can refer to them as $(NAME). Values are maps under dyn():
// lists of typed Object literals make the API server panic. ApplyConfiguration is not used: it puts
// `value` beside an existing `valueFrom`, and no such pod could start.
const patch =
  `${patchesOf("targets", "containers", "containers")} + ${patchesOf("sidecarTargets", "sidecars", "initContainers")} + ` +
  "(variables.first == '' || has(object.metadata.annotations) ? [] : [" +
  `JSONPatch{op: "add", path: "/metadata/annotations", value: dyn({${annotationOf("variables.first")}: string(${grantOf("variables.first")}.poolSize)})}]) + ` +
  `variables.written.map(k, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey(${annotationOf("k")}), value: string(${grantOf("k")}.poolSize)}) + ` +
  livePatches(ofKey);

/** One for each container that is sized: all pools in it, and what else its environment holds. */
function patchesOf(targets: string, names: string, field: string): string {
  const container = `object.spec.${field}[variables.${names}.indexOf(c)]`;
  const name = "t.substring(0, t.indexOf('='))";
  const reference = { fieldRef: { apiVersion: "v1", fieldPath: poolSizeFieldPath } };
  const isLive = `variables.live.exists(k, ${ofKey}.container == c && ${ofKey}.liveVariable == ${name})`;
  const ours = allOf("e.name + '=' + e.value").concat(
    `.map(t, ${isLive} ? dyn({"name": dyn(${name}), "valueFrom": ${celValue(reference)}}) : ` +
      `dyn({"name": ${name}, "value": t.substring(t.indexOf('=') + 1)}))`,
  );
  const kept = `[${allOf("e.name")}].map(names, ${envOf(container)}.filter(e, !(e.name in names)))[0]`;
  return (
    `variables.${targets}.map(c, JSONPatch{op: "add", path: '/spec/${field}/' + string(variables.${names}.indexOf(c)) + '/env', ` +
    `value: dyn(${ours}) + dyn(${kept})})`
  );
}

/** Texts of all entries that a container gets: CEL puts lists together by way of one text. */
function allOf(text: string): string {
  const ofPool = `${grantOf("k")}.env.map(e, ${text}).join(',')`;
  return `variables.written.filter(k, ${containerFor("k")} == c).map(k, ${ofPool}).join(',').split(',')`;
}

/** Of the pool of a grant's key: `Kind/name`, and behind it the name of a further pool. */
function annotationOf(key: string): string {
  return `(${key}.split('/').size() > 2 ? '${poolSizeAnnotationOf("")}' + ${key}.split('/')[2] : '${poolSizeAnnotation}')`;
}

function envOf(container: string): string {
  return `(has(${container}.env) ? dyn(${container}.env) : dyn([]))`;
}

function celList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(", ")}]`;
}
