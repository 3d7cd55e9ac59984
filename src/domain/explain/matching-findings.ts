// What is said where the server sees addresses that no pod has: that sessions are known by their
// login, or that they could be. Numbers are left out: sessions come and go with the load, and a
// status that followed them would be written at each reading.

import type { Finding, PolicyFacts } from "../facts/facts.ts";
import { isHeard, translatedRolesOf } from "../supply/login-matching.ts";
import type { Plan } from "../decide/plan.ts";

export function matchingFindings(
  { snapshot, foreign }: Pick<Plan, "snapshot" | "foreign">,
  policy: PolicyFacts,
): Finding[] {
  const { role, spec, namespace } = policy;
  if (role === undefined) return [];
  switch (spec.sessions.match) {
    case "Address":
      return [];
    case "Auto":
      return translatedRolesOf(snapshot).has(role) ? [looksTranslated(role)] : [];
    case "Login":
      if (!isHeard(policy, snapshot)) return [notHeard(namespace, role)];
      return foreign.rolesByLogin.includes(role) ? [byLogin(role)] : [];
  }
}

function byLogin(role: string): Finding {
  const message =
    `sessions of role ${role} from addresses that no pod has count as the pods' own, up to what the pods ` +
    "can hold: spec.sessions.match is Login. Jobs and people need a role of their own";
  return { reason: "SessionsByLogin", severity: "info", message };
}

function looksTranslated(role: string): Finding {
  const message =
    `sessions of role ${role} come from addresses that no pod has, and no pod shows one at its own: they count ` +
    "as foreign and cut the budget. If the pods reach the server through address translation, a NAT gateway " +
    "or a mesh, set spec.sessions.match to Login; if these sessions are somebody else's, set it to Address";
  return { reason: "SessionsLookTranslated", severity: "info", message };
}

function notHeard(namespace: string, role: string): Finding {
  const message =
    `spec.sessions.match Login has no effect: namespace ${namespace} has a quota, and none of its logins ` +
    `that work on the server is role ${role}. Give database.secretRef a URI that logs in with ${role}, and ` +
    "leave database.role out";
  return { reason: "SessionsLookTranslated", severity: "degraded", message };
}
