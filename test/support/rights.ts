// What the install manifest allows the operator: as a list to compare with, and on a control plane,
// whole or less one right.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { ControlPlane } from "./control-plane/control-plane.ts";
import type { KubernetesObject } from "./kubernetes-rest.ts";

const INSTALL = join(import.meta.dirname, "..", "..", "charts", "install.yaml");
const RBAC = "rbac.authorization.k8s.io";

/** One thing that somebody may do. */
export type Right = {
  readonly verb: string;
  readonly apiGroup: string;
  /** With its subresource. */
  readonly resource: string;
  /** Undefined: in every namespace. */
  readonly namespace: string | undefined;
  /** Undefined: whatever the name. */
  readonly name: string | undefined;
};

/** A rule of a Role or ClusterRole. */
export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};

type Role = KubernetesObject & { readonly rules: readonly Rule[] };

export type Subject = {
  readonly kind: "User" | "Group" | "ServiceAccount";
  readonly name: string;
  readonly namespace?: string;
};

/** The objects of the install manifest, in order. */
export async function readInstall(): Promise<readonly KubernetesObject[]> {
  const text = await readFile(INSTALL, "utf8");
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

/** Everything that the bindings among these objects give to this ServiceAccount. */
export function rightsOf(
  objects: readonly KubernetesObject[],
  account: { readonly name: string; readonly namespace: string },
): readonly Right[] {
  return objects.filter(isBinding).flatMap((binding) => {
    const isBound = binding.subjects.some(
      ({ kind, name, namespace }) =>
        kind === "ServiceAccount" && name === account.name && namespace === account.namespace,
    );
    if (!isBound) return [];
    return objects
      .filter((object) => isRoleOf(object, binding))
      .flatMap(({ rules }) => rules.flatMap((rule) => spell(rule, binding.metadata.namespace)));
  });
}

type Binding = KubernetesObject & {
  readonly subjects: readonly Subject[];
  readonly roleRef: { readonly kind: string; readonly name: string };
};

function isBinding(object: KubernetesObject): object is Binding {
  return object.kind.endsWith("RoleBinding");
}

function isRoleOf(object: KubernetesObject, { roleRef, metadata }: Binding): object is Role {
  const isNamed = object.kind === roleRef.kind && object.metadata.name === roleRef.name;
  return (
    isNamed && (object.kind === "ClusterRole" || object.metadata.namespace === metadata.namespace)
  );
}

/** One by one what a rule allows. */
export function spell(rule: Rule, namespace: string | undefined): readonly Right[] {
  const { apiGroups, resources, verbs, resourceNames = [undefined] } = rule;
  return apiGroups.flatMap((apiGroup) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        resourceNames.map((name) => ({ verb, apiGroup, resource, namespace, name })),
      ),
    ),
  );
}

/** `patch apps/deployments`, and where, unless everywhere. */
export function describeRight({ verb, apiGroup, resource, namespace, name }: Right): string {
  const kind = apiGroup === "" ? resource : `${apiGroup}/${resource}`;
  const named = name === undefined ? "" : ` ${name}`;
  return `${verb} ${kind}${named}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

/** Roles and bindings that give these rights, and no others, to somebody. */
export function buildGrant(
  name: string,
  rights: readonly Right[],
  subjects: readonly Subject[],
): readonly KubernetesObject[] {
  const named = Map.groupBy(rights, ({ namespace }) => namespace);
  return [...named].flatMap(([namespace, some]) => {
    const kind = namespace === undefined ? "ClusterRole" : "Role";
    const metadata = namespace === undefined ? { name } : { name, namespace };
    const rules = some.map(ruleOf);
    const roleRef = { apiGroup: RBAC, kind, name };
    return [
      { apiVersion: `${RBAC}/v1`, kind, metadata, rules },
      { apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata, roleRef, subjects },
    ];
  });
}

function ruleOf({ verb, apiGroup, resource, name }: Right): Rule {
  const rule = { apiGroups: [apiGroup], resources: [resource], verbs: [verb] };
  return name === undefined ? rule : { ...rule, resourceNames: [name] };
}

/**
 * Everything of the install manifest but its pod and Service. With `subjects` its roles are bound
 * to them instead of the ServiceAccount.
 */
export async function installRights(
  plane: Pick<ControlPlane, "kubectl">,
  subjects?: readonly Subject[],
): Promise<void> {
  const objects = (await readInstall())
    .filter(({ kind }) => kind !== "Deployment" && kind !== "Service")
    .map((object) => (subjects && isBinding(object) ? { ...object, subjects } : object));
  await applyObjects(plane, objects);
}

/**
 * `kubectl apply --server-side`; throws what it says where it fails. With force, because a plane
 * whose admission policy did not act at first was shaken awake by a write of another manager's.
 */
export async function applyObjects(
  plane: Pick<ControlPlane, "kubectl">,
  items: readonly object[],
): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const words = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
  const { code, stderr } = await plane.kubectl(words, { stdin: list });
  if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
}
