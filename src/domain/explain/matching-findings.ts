// What is said where sessions are known by their login, because the server sees addresses that no
// pod has. Numbers are left out: sessions come and go with the load, and a status that followed
// them would be written at each reading.

import type { Finding, PolicyFacts } from "../facts/facts.ts";
import { isHeard } from "../supply/login-matching.ts";
import type { Plan } from "../decide/plan.ts";

export function matchingFindings(
  { snapshot, foreign }: Pick<Plan, "snapshot" | "foreign">,
  policy: PolicyFacts,
): Finding[] {
  const { role, spec } = policy;
  const { match } = spec.sessions;
  if (role === undefined || match === "Address") return [];
  if (!isHeard(policy, snapshot))
    return match === "Login" ? [notHeard(policy.namespace, role)] : [];
  const found = foreign.byLogin.find((one) => one.role === role);
  if (!found) return [];
  return [found.isLikely ? looksTranslated(role) : byLogin(role, match)];
}

function byLogin(role: string, match: "Auto" | "Login"): Finding {
  const why =
    match === "Login"
      ? "spec.sessions.match is Login"
      : "spec.sessions.match is Auto, the addresses are those of the pods' nodes, and no pod shows a session at its own";
  const message =
    `sessions of role ${role} from addresses that no pod has count as the pods' own, up to what the pods ` +
    `can hold: ${why}. Jobs and people need a role of their own`;
  return { reason: "SessionsByLogin", severity: "info", message };
}

function looksTranslated(role: string): Finding {
  const message =
    `sessions of role ${role} come from addresses that no pod has, and no pod shows one at its own. They cut ` +
    "no budget, and nothing grows into their slots, until it is known whose they are. If the pods reach the server " +
    "through address translation, a NAT gateway or a mesh, set spec.sessions.match to Login; if these " +
    "sessions are somebody else's, set it to Address";
  return { reason: "SessionsLookTranslated", severity: "degraded", message };
}

function notHeard(namespace: string, role: string): Finding {
  const message =
    `spec.sessions.match Login has no effect: namespace ${namespace} has a quota, and none of its logins ` +
    `that work on the server is role ${role}. Give database.secretRef a URI that logs in with ${role}, and ` +
    "leave database.role away";
  return { reason: "SessionsLookTranslated", severity: "degraded", message };
}
