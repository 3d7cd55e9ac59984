// The CEL of the admission policy that says which container of a pod gets the size. Most grants
// name it. Pods that entries pick by labels may have been made from many templates, or none of them
// is there yet when the grant is published: then each pod tells it by itself, as
// src/reconcile/sizes/picked-container.ts reads it afterwards.

/** Of one of the ready ones: as its grant says, or as this pod does. */
export function containerFor(key: string): string {
  return `variables.targeted[variables.ready.indexOf(${key})]`;
}

/**
 * Where the grant names none, as for pods that are picked by labels: the one that sets a variable
 * of the grant, or the only one.
 */
export const containerOfThisPod =
  `[params.status.grants[k].env.map(e, e.name)].map(names, ${settingIn("containers")} + ${settingIn("initContainers", "has(c.restartPolicy) && c.restartPolicy == 'Always' && ")})` +
  ".map(found, found.size() == 1 ? found[0] : found.size() == 0 && variables.containers.size() == 1 ? variables.containers[0] : '')[0]";

/** Names of the containers that set one of `names`. */
function settingIn(field: string, only = ""): string {
  const all = `(has(object.spec.${field}) ? object.spec.${field} : [])`;
  return `${all}.filter(c, ${only}has(c.env) && c.env.exists(e, e.name in names)).map(c, c.name)`;
}
