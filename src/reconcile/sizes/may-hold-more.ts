// What a pod may hold beyond what is counted: a template that sets the size of its pool may set
// that of another one as well, which no entry names, or how many processes it starts, of which each
// opens the pool anew. Neither is certain (the other pool may be of another server, the number may
// be of threads), so nothing is counted: its owner is told what to write if it is so. Likewise of a
// connection URL that comes from a Secret, where nobody reads the server: no session shows that its
// parameters set another size.

import { kindAndName } from "../../api/keys.ts";
import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import type { Sizing } from "../../api/sizing.ts";
import { plainName } from "../../api/relaxed-names.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import { oncePerText } from "../../domain/once-per.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { effectiveSize } from "./own-size.ts";
import { namesKept } from "./pool-names.ts";
import { poolSizeIn } from "./said-size.ts";
import { sizesOfOthers } from "./sizes-of-others.ts";
import { entryNamed, type Resolve } from "./variable-values.ts";

type Named = Pick<Sizing, "maxSizeName" | "otherNames">;

interface Told {
  readonly spec: PoolPolicySpec;
  readonly entry: WorkloadEntry;
  readonly container: ObservedContainer;
  readonly sizing: Sizing;
  readonly resolve: Resolve;
}

export function mayHoldMore(told: Told): Finding[] {
  const { spec, entry, container, sizing } = told;
  const isRead = spec.database.secretRef !== undefined;
  return [
    ...otherPools(told),
    ...processes(entry, container, sizing),
    ...(isRead || entry.unmanagedPoolSize !== undefined ? [] : urlsElsewhere(container, sizing)),
  ];
}

/** Nothing says the size but perhaps the URL. */
function urlsElsewhere(
  container: ObservedContainer,
  { maxSizeName, maxSizeAliases, readsUrl }: Sizing,
): Finding[] {
  const { name: where, env, envFrom } = container;
  const isSet = entryNamed(container, [maxSizeName, ...maxSizeAliases]) !== undefined;
  if (!readsUrl || isSet || envFrom.length > 0) return [];
  const [first] = env.filter(({ name, from }) => from !== undefined && isUrlName(name));
  if (!first?.from) return [];
  const message =
    `container ${where} takes ${first.name} from ${kindAndName(first.from)}, which is not read, and does not set ${maxSizeName}. ` +
    "If the URL says a size (connection_limit, pool, Maximum Pool Size), the pool has that size, whatever is counted: let it say " +
    `$(${maxSizeName}), or set unmanagedPoolSize`;
  return [{ reason: "MayHoldMore", severity: "info", message }];
}

const urlNames = /^(dsn|url|uri|connectionstrings__.*)$/i;
const databaseUrlNames = /(database|db|postgres|pg|sql).{0,128}(url|uri|dsn|string)$/i;

function isUrlName(name: string): boolean {
  return urlNames.test(name) || databaseUrlNames.test(name);
}

function otherPools({ entry, container, sizing, resolve }: Told): Finding[] {
  if (entry.extraConnectionsPerPod > 0) return [];
  const found = sizesOfOthers(sizing)(container);
  if (found.length === 0) return [];
  // Where nothing says the own size, a variable beside it may be that: SizeAssumed names it.
  const isSized =
    entry.unmanagedPoolSize !== undefined ||
    effectiveSize(container, sizing, resolve) !== undefined;
  const others = found.filter(({ isAlone }) => isSized || isAlone);
  if (others.length === 0) return [];
  const names = nameFew(others, ({ text }) => text);
  const fields = others.some(({ isBound }) => isBound)
    ? "pool, and prefix where Spring Boot binds it"
    : "pool";
  const message =
    `container ${container.name} also sets ${names}. If that is another pool on this server, nothing of it is ` +
    `counted: name it in a further entry with ${fields}, or add its connections to extraConnectionsPerPod`;
  return [{ reason: "MayHoldMore", severity: "info", message }];
}

/** Each worker of gunicorn, uvicorn and Puma, and each child of Celery, has a pool of its own. */
const processNames =
  /(workers|worker(amount|count|processes)|webconcurrency|uwsgiprocesses)$|^celery.*concurrency$/;
/** As Celery and uWSGI call it. Threads to Sidekiq: nobody sees here which program it is. */
const processArguments = /^(celery)?concurrency$|^processes$/;

function processes(
  { processesPerPod, poolsPerProcess }: Pick<WorkloadEntry, "processesPerPod" | "poolsPerProcess">,
  container: ObservedContainer,
  sizing: Named,
): Finding[] {
  if (poolsPerProcess !== undefined) return [];
  const [first] = processCounts(container, sizing);
  if (!first || processesPerPod >= first.count) return [];
  if (processesPerPod > 1 && first.mayBeThreads) return [];
  const message = `container ${container.name} starts ${sayProcesses(first, processesPerPod)}`;
  return [{ reason: "MayHoldMore", severity: "info", message }];
}

function sayProcesses({ count, where, mayBeThreads }: Processes, processesPerPod: number): string {
  const set = `set processesPerPod: ${count}`;
  if (mayBeThreads) {
    return (
      `${count} processes or threads (${where}). Threads, as of Sidekiq, share one pool: nothing is to do. ` +
      `If they are processes, as of Celery, a pod holds ${count} times as much as is counted: ${set}`
    );
  }
  if (processesPerPod > 1) {
    return `${count} processes (${where}), and processesPerPod is ${processesPerPod}. If each of them opens a pool: ${set}`;
  }
  return (
    `${count} processes (${where}). If each of them opens a pool, ` +
    `a pod holds ${count} times as much as is counted: ${set}`
  );
}

interface Processes {
  readonly where: string;
  readonly mayBeThreads: boolean;
  readonly count: number;
}

const isCount = oncePerText(namesKept, (name) => processNames.test(plainName(name)));

function processCounts({ env, settings = [] }: ObservedContainer, sizing: Named): Processes[] {
  if ([sizing.maxSizeName, ...sizing.otherNames].some(isCount)) return [];
  return [
    ...settings.flatMap((one) => {
      const isOfArgument = one.kind === "argument" && processArguments.test(plainName(one.name));
      return counted(one, isOfArgument, `${one.place} sets ${one.name}`);
    }),
    ...env.flatMap((one) => counted(one, false, one.name)),
  ];
}

function counted(
  { name, value = "" }: Pick<EnvEntry, "name" | "value">,
  isOfArgument: boolean,
  where: string,
): Processes[] {
  if (!isOfArgument && !isCount(name)) return [];
  const count = poolSizeIn(value) ?? 1;
  const mayBeThreads = /concurrency$/i.test(name) && isOfArgument;
  return count > 1 ? [{ where, mayBeThreads, count }] : [];
}
