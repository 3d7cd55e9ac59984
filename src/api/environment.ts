// Which environment variables a policy may name. Whoever may edit a PoolPolicy must not gain the
// right to edit a Deployment, so a name has to say that it is a size, and names that a runtime, a
// shell or a library reads are refused even then. What we write is always a whole number, which
// limits the harm (NODE_TLS_REJECT_UNAUTHORIZED=0 shows that it does not exclude it).

import { matches } from "./rules.ts";

/** What an environment variable may be called at all. */
export const identifierPattern = "^[A-Za-z_][A-Za-z0-9_]*$";

/** CONN alone is a connection string as often as not (POSTGRES_CONN): it takes a size beside it. */
const connWords = "conns(_|$)|conn_?(size|max|min|idle|limit)|(max|min|size|idle|limit)_?conn(_|$)";
/** How much at once a process does that takes one connection for each. */
const workerWords =
  "(^|_)(workers|threads|processes|concurrency)(_|$)|(worker|thread)_(count|num|amount)|(^|_)max_children(_|$)";
const connectionWords = `pool|${connWords}|connections(_|$)|max_?overflow`;
const poolWords = `${connectionWords}|${workerWords}`;
const sizeWords = "size|max|idle|limit|overflow|(^|_)min(_|$|imum)";
/** Whose size it is: MEMORY_LIMIT, HEAP_MAX and MAX_FILE_SIZE are of no pool. */
const ownerWords = {
  short: ["DB", "SQL", "PG"],
  others: [
    ..."DATABASE DATASOURCE JDBC MYSQL POSTGRES PGSQL SQLALCHEMY HIKARI DBCP".split(" "),
    ..."THREADS WORKERS".split(" "),
  ],
};

/** For the reference. */
export const ownerNames = [...ownerWords.short, ...ownerWords.others];

const [short, others] = [ownerWords.short.join("|"), ownerWords.others.join("|")];
const ownerFirst = `((^|_)(${short})(_.*)?|(${others}).*)(${sizeWords})`;
const sizeFirst = `(${sizeWords})((.*_)?(${short})(_|$)|.*(${others}))`;

/** A name must say that it is about the size of a pool. Without regard to case. */
export const sizeWordPattern = `(?i)(${poolWords}|${ownerFirst}|${sizeFirst})`;

/**
 * What it had to say before CONN alone was refused. A policy that is stored with such a name goes
 * on: it worked, so the variable holds a number, and without its size its pods would be too large.
 */
export const storedSizeWordPattern = `(?i)(${poolWords}|conns?(_|$)|${ownerFirst}|${sizeFirst})`;

/** A policy can name no longer one, so a longer one is nobody's size. */
export const environmentNameMax = 128;

/**
 * The same as `sizeWordPattern` of any name that stands in a template. RE2 takes time in proportion
 * to the length for any pattern; this engine does where a pattern is found in steps, each going on
 * from where the one before has ended.
 */
export function isSizeName(name: string): boolean {
  if (name.length > environmentNameMax) return false;
  return wordsSideBySide.test(name) || wordsApart.some((words) => areInOrder(words, name));
}

/** A count of workers or threads, which cost memory and processor time beside connections. */
export function isWorkerCount(name: string): boolean {
  return workers.test(name) && !connections.test(name);
}

/**
 * As many as a program starts that is told none: gunicorn, uvicorn and Puma one process or none,
 * Puma 5 threads, Sidekiq 5 jobs at once. Of WEB_CONCURRENCY they are processes.
 */
export function usualWorkerCount(name: string): number {
  return /(^|_)(threads|concurrency)(_|$)|thread_/i.test(name) && !/web_concurrency/i.test(name)
    ? 5
    : 1;
}

const workers = new RegExp(workerWords, "i");
const connections = new RegExp(connectionWords, "i");

const wordsSideBySide = new RegExp(
  `${poolWords}|(^|_)(${short})(${sizeWords})|(${sizeWords})(${short})(_|$)`,
  "i",
);
const wordsApart = [
  [others, sizeWords],
  [`(^|_)(${short})_`, sizeWords],
  [sizeWords, others],
  [sizeWords, `_(${short})(_|$)`],
].map((words) => words.map((pattern) => new RegExp(pattern, "gi")));

/** Each after the one before, whatever stands between them. */
function areInOrder(words: readonly RegExp[], name: string): boolean {
  let end = 0;
  return words.every((word) => {
    word.lastIndex = end;
    const isThere = word.test(name);
    end = word.lastIndex;
    return isThere;
  });
}

/** Such a name may be that of a service which logs people in: AUTH_DB_POOL_SIZE. */
const poolWordPattern = `(?i)(${poolWords})`;

/** What could change what a process runs, trusts or connects to. Without regard to case. */
export const forbiddenEnvironment = {
  names: [
    // shells
    ..."PATH HOME SHELL USER LOGNAME PWD OLDPWD IFS ENV CDPATH GLOBIGNORE SHELLOPTS".split(" "),
    ..."PROMPT_COMMAND EDITOR VISUAL PAGER LESSOPEN LESSCLOSE TMPDIR TMP TEMP HOSTNAME".split(" "),
    // runtimes
    ..."CLASSPATH _JAVA_OPTIONS VIRTUAL_ENV PHPRC PHP_INI_SCAN_DIR GOMAXPROCS".split(" "),
    ..."GOMEMLIMIT GOGC GODEBUG GOTRACEBACK".split(" "),
    // the C library
    ..."GCONV_PATH LOCPATH NLSPATH HOSTALIASES LOCALDOMAIN RES_OPTIONS GETCONF_DIR TZDIR".split(
      " ",
    ),
    // libpq
    ..."PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE".split(" "),
    ..."PGSERVICEFILE PGOPTIONS PGSYSCONFDIR PGCONNECT_TIMEOUT PGTARGETSESSIONATTRS".split(" "),
    ..."PGMINPROTOCOLVERSION PGMAXPROTOCOLVERSION PGREQUIREAUTH PGCHANNELBINDING".split(" "),
  ],
  prefixes: [
    ..."LD_ DYLD_ GLIBC_ MALLOC_ BASH_ BASHOPTS LC_ XDG_ SUDO_".split(" "),
    ..."JAVA_TOOL JDK_ NODE_ NPM_ YARN_ UV_ DENO_ BUN_ PYTHON PIP_ PERL RUBY GEM_ BUNDLE_".split(
      " ",
    ),
    ..."LUA_ RUST_ CARGO_ DOTNET_ COMPLUS_ CORECLR_ ASPNETCORE_ MONO_ UWSGI_".split(" "),
    ..."SSL_ OPENSSL_ CURL_ GIT_ SSH_ GPG_ PGSSL PGGSS PGKRB".split(" "),
    ..."KUBERNETES_ KUBE_ DOCKER_ AWS_ AZURE_ GOOGLE_ VAULT_ OTEL_".split(" "),
    // numerical libraries
    ..."OMP_ MKL_ OPENBLAS_ BLIS_ VECLIB_ NUMEXPR_".split(" "),
    ..."AIRFLOW_CONN_".split(" "),
  ],
  suffixes: [
    ..."_PROXY _OPTS _OPTIONS _FLAGS _ARGS _PATH _HOME _PRELOAD _COMMAND _FILE _DIR".split(" "),
    ..."_URL _URI _DSN _STRING _HOST _PORT _USER _PASSWORD _SECRET _TOKEN _KEY _CERT".split(" "),
    ..."_PASS _PASSWD _PW _LICENSE _ID _NAME _TYPE _MODE _SSLMODE _VERSION".split(" "),
    ..."_ENABLED _DISABLED _LENGTH _AGE _ATTEMPTS _RETRIES".split(" "),
  ],
  /** Refused in new policies only: they were taken before. */
  laterSuffixes: [
    ..."POOL_CONN POOLER_CONN".split(" "),
    // how long something may take, or is kept
    ..."TIME TIMEOUT _MS _MILLIS _SECONDS _SECS _INTERVAL _TTL _DURATION _DELAY".split(" "),
  ],
  /** Wherever in the name. */
  parts: ["CONNSTR", "CONN_STR", "CONNECTIONSTR", "CONNECTION_STR"],
  // A number in one of these is a bound of something else. Refused unless it speaks of a pool.
  words: [
    ..."PASSWORD PASSWD LOGIN LOGINS LOGOUT LOCKOUT AUTH OAUTH SESSION SESSIONS COOKIE".split(" "),
    ..."TOKEN JWT RSA KEY CERT TLS SSL CIPHER HASH BCRYPT SECURITY SECRET CSRF CORS".split(" "),
    ..."RATE UPLOAD BODY PROFILE PROFILES".split(" "),
  ],
} as const satisfies Record<string, readonly string[]>;

type Writing = "new" | "stored";

const { names, prefixes, suffixes, laterSuffixes, parts, words } = forbiddenEnvironment;

// The lists as patterns that RE2 (the API server) reads; `matches` of rules.ts reads them too.
const forbiddenPattern = {
  new: forbiddenPatternWith([...suffixes, ...laterSuffixes]),
  stored: forbiddenPatternWith(suffixes),
} as const satisfies Record<Writing, string>;

function forbiddenPatternWith(endings: readonly string[]): string {
  return `(?i)^(${[
    ...names,
    ...prefixes.map((prefix) => `${prefix}.*`),
    ...endings.map((suffix) => `.*${suffix}`),
    ...parts.map((part) => `.*${part}.*`),
  ].join("|")})$`;
}

/** How no variable may begin, whatever stands behind it. */
export const forbiddenStartPattern = `(?i)^(${[
  ...prefixes.map((prefix) => `${prefix}.*`),
  ...parts.map((part) => `.*${part}.*`),
].join("|")})$`;

/** The same in CEL, of the beginning that `start` yields. */
export function forbiddenStartCel(start: string): string {
  return `${start}.matches(r'${forbiddenStartPattern}')`;
}

const otherWordPattern = `(?i)(^|_)(${words.join("|")})(_|$)`;

/** Whether a policy may not name this variable, because something else than a pool reads it. */
export function isForbiddenEnvironment(name: string): boolean {
  return isForbidden(name, "new");
}

/** Also where it was stored when less was refused. */
export function isStillForbidden(name: string): boolean {
  return isForbidden(name, "stored");
}

function isForbidden(name: string, writing: Writing): boolean {
  if (name.length > environmentNameMax) return true;
  const speaksOfOther = matches(name, otherWordPattern) && !matches(name, poolWordPattern);
  return matches(name, forbiddenPattern[writing]) || speaksOfOther;
}

/** The same in CEL, of the variable that `name` yields. */
export function forbiddenEnvironmentCel(name: string, writing: Writing = "new"): string {
  const does = (pattern: string): string => `${name}.matches(r'${pattern}')`;
  const speaksOfOther = `${does(otherWordPattern)} && !${does(poolWordPattern)}`;
  return `(${does(forbiddenPattern[writing])} || ${speaksOfOther})`;
}

/** Whether the API server hands out a grant of a stored policy that names this variable. */
export function mayStayNamed(name: string): boolean {
  const isSize = matches(name, identifierPattern) && matches(name, storedSizeWordPattern);
  return isSize && !isStillForbidden(name);
}

/** The same in CEL. */
export function mayStayNamedCel(name: string): string {
  const does = (pattern: string): string => `${name}.matches(r'${pattern}')`;
  return `${does(identifierPattern)} && ${does(storedSizeWordPattern)} && !${forbiddenEnvironmentCel(name, "stored")}`;
}
