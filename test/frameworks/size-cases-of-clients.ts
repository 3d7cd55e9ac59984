// Pools that read a variable because their program does: nothing else is bound by a name, and what
// stands in the URL is for each library to read, to refuse or to ignore.
import { env, given, other, type Pair, type SizeCase, unseen } from "./size-cases.ts";

export interface Where {
  /** Of the database. */
  readonly uri: string;
}

const ours: Pair = ["DB_POOL_MAX_SIZE", String(given)];
const others: Pair = ["DB_POOL_MAX_SIZE", String(other)];

/** Of any program that reads DB_POOL_MAX_SIZE. */
function casesOfVariable(run: readonly string[]): readonly SizeCase[] {
  const line = run.join(" ");
  return [
    { says: "the variable is the size", container: env(others), opens: other },
    {
      says: "a variable that refers to an earlier one has its value",
      container: env(["SIZE", String(other)], ["DB_POOL_MAX_SIZE", "$(SIZE)"]),
      opens: other,
    },
    {
      says: "a shell that exports the variable anew wins over ours",
      container: {
        ...env(ours),
        command: ["sh", "-c", `export DB_POOL_MAX_SIZE=40; exec ${line}`],
      },
      opens: other,
      isOverridden: true,
    },
    {
      says: "env before the program wins over ours",
      container: { ...env(ours), command: ["env", "DB_POOL_MAX_SIZE=40", ...run] },
      opens: other,
      isOverridden: true,
    },
    {
      says: "a number in the code wins over ours, and is not seen",
      container: env(ours, ["SIZE_IN_CODE", String(unseen)]),
      opens: unseen,
      counts: given,
    },
    {
      says: "a name in lower case is not read, and counts to be safe, because others read it",
      container: env(ours, ["db_pool_max_size", String(other)]),
      opens: given,
      counts: other,
      isOverridden: true,
    },
  ];
}

/** With a policy that names the overflow, of which Poolwarden writes 0. */
export function sqlalchemyCases({ uri }: Where, run: readonly string[]): readonly SizeCase[] {
  const none = { name: "DB_MAX_OVERFLOW", value: "0" };
  const withoutOverflow = casesOfVariable(run).map((one) => {
    const entries = [...(one.container.env ?? []), none];
    return { ...one, container: { ...one.container, env: entries } };
  });
  return [
    ...withoutOverflow,
    {
      says: "size and overflow are one pool",
      container: env(["DB_POOL_MAX_SIZE", "7"], ["DB_MAX_OVERFLOW", "20"]),
      opens: 27,
    },
    {
      says: "without an overflow it adds 10",
      container: env(["DB_POOL_MAX_SIZE", "7"]),
      opens: 17,
    },
    {
      says: "an overflow of -1 has no limit",
      container: env(["DB_POOL_MAX_SIZE", "7"], ["DB_MAX_OVERFLOW", "-1"]),
      opens: "no limit",
    },
    { says: "0 has no limit", container: env(["DB_POOL_MAX_SIZE", "0"]), opens: "no limit" },
    {
      says: "a URL with a size is refused",
      container: env(ours, ["DATABASE_URL", `${uri}?pool_size=40`]),
      opens: "nothing",
      isOverridden: true,
    },
  ];
}

export function asyncpgCases({ uri }: Where, run: readonly string[]): readonly SizeCase[] {
  return [
    ...casesOfVariable(run),
    {
      says: "a URL with a size is refused",
      container: env(ours, ["DB_PRIMARY_DB_URL", `${uri}?pool_size=40`]),
      opens: "nothing",
      isOverridden: true,
    },
    {
      says: "a minimum above the size does not start",
      container: env(ours, ["DB_POOL_MIN_SIZE", "20"]),
      opens: "nothing",
    },
    { says: "0 does not start", container: env(["DB_POOL_MAX_SIZE", "0"]), opens: "nothing" },
  ];
}

export function psycopgCases({ uri }: Where, run: readonly string[]): readonly SizeCase[] {
  return [
    ...casesOfVariable(run),
    {
      says: "a URL with a size is refused",
      container: env(ours, ["DATABASE_URL", `${uri}?pool_size=40`]),
      opens: "nothing",
      isOverridden: true,
    },
    {
      says: "a minimum above the size does not start",
      container: env(ours, ["DB_POOL_MIN_SIZE", "20"]),
      opens: "nothing",
    },
  ];
}

export function nodePostgresCases({ uri }: Where, run: readonly string[]): readonly SizeCase[] {
  return [
    ...casesOfVariable(run),
    ...["max=40", "connection_limit=40"].map((parameter) => ({
      says: `${parameter} in the URL is not read, and counts to be safe, because others read it`,
      container: env(ours, ["DATABASE_URL", `${uri}?${parameter}`]),
      opens: given,
      counts: other,
      isOverridden: true as const,
    })),
    {
      says: "a minimum above the size opens no more than the size",
      container: env(ours, ["DB_POOL_MIN_SIZE", "20"]),
      opens: given,
    },
    {
      says: "0 is the library's own 10, and counts to be safe, because others have no limit then",
      container: env(["DB_POOL_MAX_SIZE", "0"]),
      opens: 10,
      counts: "no limit",
    },
    { says: "a text is its own 10", container: env(["DB_POOL_MAX_SIZE", "many"]), opens: 10 },
  ];
}

export function tortoiseCases({ uri }: Where): readonly SizeCase[] {
  return [
    {
      says: "maxsize in the URL wins over a variable that nobody reads",
      container: env(ours, ["DATABASE_URL", `${uri}?maxsize=40`]),
      opens: other,
      isOverridden: true,
    },
    {
      says: "a URL that refers to the variable is the size",
      container: env(ours, ["DATABASE_URL", `${uri}?minsize=1&maxsize=$(DB_POOL_MAX_SIZE)`]),
      opens: given,
    },
    {
      says: "a URL that another variable holds may be followed by the size",
      container: env(ours, ["BASE", uri], ["DATABASE_URL", "$(BASE)?maxsize=40"]),
      opens: other,
      isOverridden: true,
    },
  ];
}
