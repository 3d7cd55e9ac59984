// The reconcilers and their memories: which part is given which. Apart from the queues and
// controllers that drive them in a process, so that tests drive the very same wiring by hand.

import type { Config } from "./config.ts";
import type { ServerKey } from "./domain/facts/facts.ts";
import type { Consoles } from "./console-port.ts";
import type { Clock, Cluster, Database, Log, Metrics, Random } from "./ports.ts";
import { Absences } from "./reconcile/memory/absences.ts";
import { AdmissionAbsences } from "./reconcile/memory/admission-absences.ts";
import { AlertRules } from "./reconcile/report/alert-rules.ts";
import type { Caches } from "./reconcile/caches.ts";
import { ConsoleLogins } from "./reconcile/resolve/console-logins.ts";
import { ConsoleReconciler } from "./reconcile/console-reconciler.ts";
import { ConsoleWords } from "./reconcile/memory/console-words.ts";
import { DatabaseReconciler } from "./reconcile/database-reconciler.ts";
import { DoubtfulGrants } from "./reconcile/memory/doubtful-grants.ts";
import { EventLine } from "./reconcile/report/event-line.ts";
import { Expectations } from "./reconcile/memory/expectations.ts";
import { GateReleases } from "./reconcile/gate-releases.ts";
import { GrantSettlement } from "./reconcile/memory/grant-settlement.ts";
import { BoundedHolds } from "./reconcile/memory/bounded-holds.ts";
import { LateNamespaces, type UnreadSince } from "./reconcile/memory/late-namespaces.ts";
import { LiveMemory } from "./reconcile/memory/live-memory.ts";
import { Logins } from "./reconcile/resolve/logins.ts";
import { CarriedFindings } from "./reconcile/memory/carried-findings.ts";
import { PastEvictions } from "./reconcile/memory/past-evictions.ts";
import { PastRolls } from "./reconcile/memory/past-rolls.ts";
import { ServedNamespaces } from "./reconcile/memory/served-namespaces.ts";
import { PolicyBook } from "./reconcile/resolve/policy-book.ts";
import { PoolUse } from "./reconcile/memory/pool-use.ts";
import { PolicyReconciler } from "./reconcile/policy-reconciler.ts";
import { Readings } from "./reconcile/memory/readings.ts";
import { References } from "./reconcile/references/references.ts";
import { Rereads } from "./reconcile/memory/rereads.ts";
import { ReleaseReconciler } from "./reconcile/release-reconciler.ts";
import { ServerReconciler } from "./reconcile/server-reconciler.ts";
import { usualRunbookBaseUrl } from "./render/alert.ts";
import type { WrittenStatus } from "./reconcile/apply/write-status.ts";
import { WorkLooks } from "./reconcile/work-looks.ts";
import { WrittenStatuses } from "./reconcile/memory/written-statuses.ts";

/** What the operator's owner bounds its users by. */
export type TenancySetting = "allowedDatabaseHosts" | "namespaceQuotas";

export interface ReconcilerParts {
  readonly config: Pick<Config, "databaseIntervalMs" | "settleTimeMs" | "admissionWarmUpMs"> &
    Partial<
      Pick<Config, "serviceAccount" | "runbookBaseUrl" | "mayEvict" | "mayResize" | TenancySetting>
    >;
  readonly caches: Caches;
  readonly cluster: Cluster;
  readonly database: Database;
  /** Without it nobody speaks to consoles of poolers. */
  readonly consoles?: Consoles | undefined;
  /** This process may be sure that it leads. Default: it is. */
  readonly mayWrite?: (() => boolean) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For how long a write of a dead process before this one may still arrive. */
  readonly quietForMs?: (() => number) | undefined;
  /** Of which namespaces large objects are still to be read; without it: of none. */
  readonly unreadSince?: UnreadSince | undefined;
  /** Told how long what a namespace has stored kept the only thread busy. */
  readonly tellBusy?: ((namespace: string, busyMs: number) => void) | undefined;
  /** The same of what consoles have sent, and of the logins to them. */
  readonly tellBusyOnConsoles?: ((namespace: string, busyMs: number) => void) | undefined;
  /** Wakes the decision of a server. */
  readonly enqueueServer: (server: ServerKey) => void;
  /** Has a server read soon. */
  readonly enqueueDatabase: (server: ServerKey, delayMs?: number) => void;
  /** Has a server looked at after a while, for who is at work. */
  readonly enqueueLook: (server: ServerKey, delayMs: number) => void;
}

export interface Reconcilers {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly use: PoolUse;
  readonly policies: PolicyReconciler;
  readonly databases: DatabaseReconciler;
  readonly looks: WorkLooks;
  readonly servers: ServerReconciler;
  readonly releases: ReleaseReconciler;
  readonly gates: GateReleases;
  /** Where pods may be resized, and somebody speaks to their consoles. */
  readonly consoles: ConsoleReconciler | undefined;
}

/** With memories of their own: nothing is known yet. */
export function createReconcilers(parts: ReconcilerParts): Reconcilers {
  const { caches, config } = parts;
  const { databaseIntervalMs, serviceAccount, allowedDatabaseHosts: allowedHosts } = config;
  const known = { book: new PolicyBook(), readings: new Readings(), logins: new Logins() };
  const reading = { ...parts, ...known, intervalMs: databaseIntervalMs };
  const use = new PoolUse(parts.clock);
  const words = new ConsoleWords();
  const memories = { ...known, use, rereads: new Rereads(reading), words };
  const looks = new WorkLooks({ ...parts, ...memories });
  const common = { ...reading, ...memories, looks };
  const { book, readings } = memories;
  const { policies } = caches;
  return {
    ...{ book, readings, use, looks },
    policies: new PolicyReconciler({ ...common, serviceAccount, allowedHosts, policies }),
    databases: new DatabaseReconciler(common),
    servers: createServerReconciler(parts, memories),
    releases: new ReleaseReconciler({ ...parts, book }),
    gates: new GateReleases({ ...parts, book, mayResize: config.mayResize ?? false }),
    consoles: consoleReconciler(parts, { book, words }),
  };
}

function consoleReconciler(
  parts: ReconcilerParts,
  known: Pick<Memories, "book" | "words">,
): ConsoleReconciler | undefined {
  const { consoles, config, mayWrite = () => true, tellBusyOnConsoles: tellBusy } = parts;
  if (!consoles || config.mayResize !== true) return undefined;
  const { serviceAccount } = config;
  const logins = new ConsoleLogins({ ...parts, serviceAccount, tellBusy });
  return new ConsoleReconciler({ ...parts, ...known, consoles, logins, mayWrite, tellBusy });
}

interface Memories {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly logins: Logins;
  readonly rereads: Rereads;
  readonly use: PoolUse;
  readonly words: ConsoleWords;
}

function createServerReconciler(parts: ReconcilerParts, memories: Memories): ServerReconciler {
  const { caches, cluster, clock, log, metrics, quietForMs = () => 0 } = parts;
  const { settleTimeMs, admissionWarmUpMs, namespaceQuotas = [] } = parts.config;
  const { runbookBaseUrl = usualRunbookBaseUrl, serviceAccount } = parts.config;
  const { mayEvict = true, mayResize = false } = parts.config;
  const notes = new CarriedFindings();
  const references = new References(cluster, clock, log);
  const written = {
    statuses: new Expectations<WrittenStatus>(),
    templates: new Expectations<true>(),
    pastRolls: new PastRolls(),
    pastEvictions: new PastEvictions(),
    served: new ServedNamespaces(),
    late: new LateNamespaces(parts.unreadSince ?? (() => new Map())),
    newcomerHolds: new BoundedHolds(),
    replicaHolds: new BoundedHolds(),
    absences: new Absences(),
    admissionAbsences: new AdmissionAbsences(clock),
    grantSettlement: new GrantSettlement(),
    doubtful: new DoubtfulGrants(),
    live: new LiveMemory(memories.words),
  };
  const { alertRules: store } = caches;
  const rules = new AlertRules({ cluster, clock, notes, runbookBaseUrl, store });
  return new ServerReconciler({
    ...{ clock, metrics, rereads: memories.rereads, enqueueServer: parts.enqueueServer },
    observer: {
      ...{ caches, ...memories, references, notes },
      ...written,
      ...{ settleTimeMs, admissionWarmUpMs, namespaceQuotas, quietForMs },
      ...{ isEvictionOff: !mayEvict, mayResize, followsConsoles: parts.consoles !== undefined },
    },
    applier: { cluster, clock, serviceAccount, ...written, written: new WrittenStatuses() },
    reporter: { clock, metrics, log, notes, rules, events: new EventLine({ cluster, clock, log }) },
  });
}
