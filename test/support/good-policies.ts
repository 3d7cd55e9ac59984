// Policies that look odd and are right: no rule may refuse them.

import { allowedNames } from "./environment-names.ts";
import {
  secretDatabase,
  specDemanding,
  specSelecting,
  specWith,
  withDatabase,
} from "./policy-cases.ts";

export const goodPolicies: readonly { readonly name: string; readonly spec: object }[] = [
  { name: "the smallest one", spec: specWith({}) },
  {
    name: "an address with IPv6",
    spec: withDatabase({ address: "[2001:db8::1]:5432", maxConnections: 100 }),
  },
  {
    name: "an address with IPv4",
    spec: withDatabase({ address: "10.0.0.1:65535", maxConnections: 262_143 }),
  },
  {
    name: "a reserve of nothing",
    spec: specWith({}, { reserve: { connections: 0, rollouts: 0 } }),
  },
  { name: "a reserve in percent", spec: specWith({}, { reserve: { connections: "0%" } }) },
  { name: "a reserve of everything", spec: specWith({}, { reserve: { connections: "100%" } }) },
  { name: "a cooldown of several units", spec: specWith({}, { stability: { cooldown: "1h30m" } }) },
  { name: "min equal to max", spec: specWith({ poolSize: { min: 5, max: 5 } }) },
  { name: "only a floor", spec: specWith({ poolSize: { min: 60 } }) },
  ...["spring.datasource.reports.hikari", "spring.second-datasource", "APP_REPORTS", "db2"].map(
    (prefix) => ({ name: `the prefix ${prefix}`, spec: specWith({ preset: "hikari", prefix }) }),
  ),
  { name: "a name with a kind", spec: specWith({ kind: "StatefulSet" }) },
  { name: "only expressions", spec: specSelecting({ key: "app", operator: "Exists" }) },
  {
    name: "labels with a domain, and an empty value",
    spec: {
      database: secretDatabase,
      workloads: [{ selector: { matchLabels: { "app.kubernetes.io/part-of": "orders", a: "" } } }],
    },
  },
  { name: "selectors that say as much as they may together", spec: specDemanding(1_000) },
  ...allowedNames.map((name) => ({
    name: `the variable ${name}`,
    spec: specWith({ env: { maxSize: name } }),
  })),
];
