// What must hold of everything that the chart renders, whatever its values: each broken rule is a
// sentence. What a Kubernetes API server would find is left to it.
import { isDeepStrictEqual } from "node:util";
import { readCommand } from "../../../src/config.ts";
import { type KubernetesObject, read, readList } from "../kubernetes-rest.ts";

/** Kinds without a namespace, of those that the chart makes. */
const CLUSTER_WIDE = [
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
];

type Labels = Readonly<Record<string, unknown>>;

export function nameOf({ kind, metadata }: KubernetesObject): string {
  const { namespace, name } = metadata;
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

export function findObject(
  objects: readonly KubernetesObject[],
  kind: string,
  name?: string,
): KubernetesObject | undefined {
  return objects.find(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
}

/** Everything that is wrong; empty where nothing is. */
export function problemsOf(objects: readonly KubernetesObject[]): readonly string[] {
  return [
    ...objects.flatMap(problemsOfObject),
    ...doubles(objects),
    ...problemsOfSelectors(objects),
    ...problemsOfBindings(objects),
    ...problemsOfPod(objects),
    ...problemsOfWords(objects),
  ];
}

function problemsOfObject(object: KubernetesObject): readonly string[] {
  const isClusterWide = CLUSTER_WIDE.includes(object.kind);
  const hasNamespace = object.metadata.namespace !== undefined;
  const isOurs = read(object, "metadata", "labels", "app.kubernetes.io/instance") !== undefined;
  return [
    ...(isClusterWide === hasNamespace ? [`${nameOf(object)}: its namespace`] : []),
    ...(isOurs ? [] : [`${nameOf(object)}: has not the labels of the release`]),
    // Braces alone are no sign: the texts of alerts are templates of Prometheus.
    ...(/\{\{-|\.Values\b|<no value>/.test(JSON.stringify(object))
      ? [`${nameOf(object)}: is not rendered`]
      : []),
  ];
}

function doubles(objects: readonly KubernetesObject[]): readonly string[] {
  const names = objects.map(nameOf);
  const twice = names.filter((name, position) => names.indexOf(name) !== position);
  return twice.map((name) => `${name}: is there twice`);
}

function podOf(objects: readonly KubernetesObject[]): unknown {
  return read(findObject(objects, "Deployment"), "spec", "template");
}

function problemsOfSelectors(objects: readonly KubernetesObject[]): readonly string[] {
  const labels = read(podOf(objects), "metadata", "labels") as Labels;
  const ways: Readonly<Record<string, readonly string[]>> = {
    Deployment: ["selector", "matchLabels"],
    Service: ["selector"],
    PodDisruptionBudget: ["selector", "matchLabels"],
    NetworkPolicy: ["podSelector", "matchLabels"],
    ServiceMonitor: ["selector", "matchLabels"],
  };
  return objects.flatMap((object) => {
    const way = ways[object.kind];
    if (!way) return [];
    const wanted = Object.entries((read(object, "spec", ...way) ?? {}) as Labels);
    const isRight = wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
    return isRight ? [] : [`${nameOf(object)}: does not select the operator's pod`];
  });
}

function problemsOfBindings(objects: readonly KubernetesObject[]): readonly string[] {
  const account = {
    kind: "ServiceAccount",
    name: read(podOf(objects), "spec", "serviceAccountName"),
    namespace: findObject(objects, "Deployment")?.metadata.namespace,
  };
  return objects
    .filter(({ kind }) => kind.endsWith("RoleBinding"))
    .flatMap((binding) => {
      const role = objects.find(
        ({ kind, metadata }) =>
          kind === read(binding, "roleRef", "kind") &&
          metadata.name === read(binding, "roleRef", "name") &&
          metadata.namespace === binding.metadata.namespace,
      );
      const isOurs = isDeepStrictEqual(readList(binding, "subjects"), [account]);
      return [
        ...(role ? [] : [`${nameOf(binding)}: binds a role that is not there`]),
        ...(isOurs ? [] : [`${nameOf(binding)}: binds somebody else`]),
      ];
    });
}

/** Pod Security "restricted", and flags that the operator takes. */
function problemsOfPod(objects: readonly KubernetesObject[]): readonly string[] {
  const spec = read(podOf(objects), "spec");
  const containers = readList(spec, "containers");
  const args = readList(containers[0], "args") as string[];
  const problems = containers.flatMap((container) => {
    const context = read(container, "securityContext");
    return [
      ...(read(context, "allowPrivilegeEscalation") === false ? [] : ["privilege escalation"]),
      ...(read(context, "readOnlyRootFilesystem") === true ? [] : ["a root that can be written"]),
      ...(readList(context, "capabilities", "drop").includes("ALL") ? [] : ["capabilities"]),
    ];
  });
  const isUser = read(spec, "securityContext", "runAsNonRoot") === true;
  const isSealed = read(spec, "securityContext", "seccompProfile", "type") === "RuntimeDefault";
  return [
    ...problems,
    ...(isUser ? [] : ["root"]),
    ...(isSealed ? [] : ["no seccomp profile"]),
    ...["hostNetwork", "hostPID", "hostIPC", "volumes"].filter((field) => read(spec, field)),
    ...problemsOfArguments(args),
  ].map((problem) => `the pod has: ${problem}`);
}

function problemsOfArguments(args: readonly string[]): readonly string[] {
  try {
    readCommand(args, { POD_NAMESPACE: "poolwarden-system", POD_NAME: "poolwarden-0" });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

const NAMING = [
  "name",
  "namespace",
  "labels",
  "matchLabels",
  "resourceNames",
  "serviceAccountName",
];

/** Names and labels that a YAML parser takes for a number, a truth or nothing. */
function problemsOfWords(objects: readonly KubernetesObject[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind !== "CustomResourceDefinition")
    .flatMap((object) =>
      wordsIn(object)
        .filter((word) => typeof word !== "string")
        .map((word) => `${nameOf(object)}: ${String(word)} is no text`),
    );
}

function wordsIn(value: unknown): readonly unknown[] {
  return entriesOf(value).flatMap(([key, inner]) => {
    if (!NAMING.includes(key)) return wordsIn(inner);
    const words = entriesOf(inner).map(([, word]) => word);
    return words.length > 0 ? words : [inner];
  });
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
