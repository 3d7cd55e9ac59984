// The name of a variable in a policy. What a policy was stored with stays right, so that it goes on
// after an upgrade; the API server takes less in a new one, and so does `poolwarden plan`.

import { z } from "zod";
import {
  environmentNameMax,
  forbiddenEnvironmentCel,
  identifierPattern,
  isForbiddenEnvironment,
  isStillForbidden,
  sizeWordPattern,
  storedSizeWordPattern,
} from "./environment.ts";
import { explainIssues } from "./problems.ts";
import { matches, type Rule, ruled, textRule } from "./rules.ts";

/** `holds` of what is stored, and of what is new. */
type NameRule = Rule<string> & { readonly holdsInNew: (name: string) => boolean };

const isSize = textRule(
  sizeWordPattern,
  "give a variable whose name says that it is the size of a pool: POOL, CONNS or CONNECTIONS must be in it, or a size (SIZE, MAX, MIN, IDLE, LIMIT) beside whose it is (DB, DATABASE, DATASOURCE, JDBC, CONN, …), or a count of WORKERS, THREADS, PROCESSES, CONCURRENCY or MAX_CHILDREN",
);

const stricterInNew: readonly NameRule[] = [
  {
    ...isSize,
    holds: (name) => matches(name, storedSizeWordPattern),
    holdsInNew: isSize.holds,
  },
  {
    cel: `!${forbiddenEnvironmentCel("self")}`,
    message:
      "this variable could change what a process runs, trusts or connects to: give one that only your pool reads, such as DB_POOL_MAX_SIZE",
    holds: (name) => !isStillForbidden(name),
    holdsInNew: (name) => !isForbiddenEnvironment(name),
  },
];

export const environmentName = ruled(z.string().min(1).max(environmentNameMax), [
  textRule(
    identifierPattern,
    "give a variable name of letters, digits and '_' that does not begin with a digit",
  ),
  ...stricterInNew,
]);

interface Naming {
  readonly workloads: readonly { readonly env?: object | undefined }[];
}

/** Why the API server would refuse a new policy with a spec that is right where it is stored. */
export function problemInNew(spec: Naming): string | undefined {
  const issues = spec.workloads.flatMap(({ env = {} }, entry) =>
    Object.entries(env).flatMap(([field, name]: [string, unknown]) =>
      refusedInNew(name).map((message) => {
        const path = ["workloads", entry, "env", field];
        return { code: "custom" as const, path, message };
      }),
    ),
  );
  return issues.length === 0 ? undefined : explainIssues(spec, issues);
}

function refusedInNew(name: unknown): readonly string[] {
  if (typeof name !== "string") return [];
  return stricterInNew.flatMap(({ message, holdsInNew }) => (holdsInNew(name) ? [] : message));
}
