// The operator around its ports: informers → queues → reconcilers (policy, database, server,
// release) → cluster. Nothing is decided here, and nothing here knows which world it lives in: a
// process gives it the real API server and database, a simulation gives it its own.

import type { Config } from "./config.ts";
import { namespaceOf } from "./api/keys.ts";
import { cachesOf, createInformers, type Informers } from "./informers.ts";
import { lateReadsPart, unreadSince } from "./late-reads.ts";
import { controllersPart, electedPart } from "./leadership.ts";
import type { Consoles } from "./console-port.ts";
import type { Clock, Cluster, Database, Log, Metrics, Random, Sources } from "./ports.ts";
import type { Caches } from "./reconcile/caches.ts";
import { createFencedCluster } from "./reconcile/apply/fenced-cluster.ts";
import type { PolicyBook } from "./reconcile/resolve/policy-book.ts";
import { shortestPauseMs } from "./reconcile/memory/rereads.ts";
import type { ConsoleReconciler } from "./reconcile/console-reconciler.ts";
import type { ServerReconciler } from "./reconcile/server-reconciler.ts";
import type { WorkLooks } from "./reconcile/work-looks.ts";
import type { UnreadSince } from "./reconcile/memory/late-namespaces.ts";
import { createReconcilers, type ReconcilerParts, type TenancySetting } from "./reconcilers.ts";
import { Backoff } from "./runtime/backoff.ts";
import { chargedMs, SpentTime } from "./runtime/charge.ts";
import { Controller, type Reconcile } from "./runtime/controller.ts";
import { LeaderElection, type LeaderElectionOptions } from "./runtime/leader-election.ts";
import type { Part } from "./runtime/lifecycle.ts";
import { Problems } from "./runtime/problems.ts";
import { done, type Result } from "./runtime/result.ts";
import { WorkQueue, type WorkQueueOptions } from "./runtime/work-queue.ts";
import { decisionPauseMs, type Queues, releasesIn, wakeOnChanges } from "./wake.ts";

export interface OperatorParts {
  readonly config: Pick<
    Config,
    "namespaces" | "databaseIntervalMs" | "settleTimeMs" | "admissionWarmUpMs"
  > &
    Partial<Pick<Config, "serviceAccount" | "runbookBaseUrl" | TenancySetting>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What the operator lives in. */
export interface Surroundings {
  readonly sources: Sources;
  readonly cluster: Cluster;
  readonly database: Database;
  /** Without it nobody speaks to consoles of poolers. */
  readonly consoles?: Consoles | undefined;
  /** Without it this operator is taken to be the only one, and leads from the start. */
  readonly election?: Election | undefined;
}

/** Among how many operators, by which Lease, under which name. */
export type Election = Omit<LeaderElectionOptions, "clock" | "random" | "log">;

export interface Operator {
  readonly caches: Caches;
  readonly informers: Informers;
  readonly problems: Problems;
  readonly servers: ServerReconciler;
  readonly looks: WorkLooks;
  readonly controllers: readonly Controller[];
  /** Undefined where there is no election. */
  readonly leadership: LeaderElection | undefined;
  /** To be started in this order, and stopped in the reverse. */
  readonly parts: readonly Part[];
}

/** Keys of one kind that are worked on at the same time: mostly they wait for an answer. */
const workers = 16;
/** Of them for one namespace, so that its servers and policies leave the others their turn. */
const workersOfNamespace = 4;
/** Between two looks at one policy, whoever edits it: each of them reads its secret. */
const lookPauseMs = 500;
/** To take in a secret with nothing but a URI, or who is at work in a small fleet, takes less. */
const unchargedLookMs = 1;
/** Between two looks at one console, whatever happens to its pod. */
const consolePauseMs = 250;
/** Between two looks at what is to be released. */
const releasePauseMs = 2_000;

export function assembleOperator(parts: OperatorParts, surroundings: Surroundings): Operator {
  const { sources, database, consoles, election } = surroundings;
  const problems = new Problems(parts.log);
  const { namespaces } = parts.config;
  const informers = createInformers({ ...parts, sources, namespaces, problems });
  const caches = cachesOf(informers);
  const leadership = election && new LeaderElection({ ...parts, ...election });
  const cluster = leadership
    ? createFencedCluster(surroundings.cluster, leadership)
    : surroundings.cluster;
  const work = assembleReconcilers(parts, {
    ...{ caches, cluster, database, consoles },
    mayWrite: leadership && (() => leadership.refusal() === undefined),
    unreadSince: () => unreadSince(informers),
    quietForMs: leadership && (() => leadership.quietForMs),
  });
  wakeOnChanges(informers, caches, work);
  const { servers, looks, controllers } = work;
  return {
    ...{ caches, informers, problems, servers, looks, controllers, leadership },
    parts: [
      leadership ? electedPart(leadership, controllers, informers) : controllersPart(controllers),
      lateReadsPart(parts, informers),
      informersPart(informers),
    ],
  };
}

interface World {
  readonly caches: Caches;
  readonly cluster: Cluster;
  readonly database: Database;
  readonly consoles: Consoles | undefined;
  readonly mayWrite: (() => boolean) | undefined;
  readonly quietForMs: (() => number) | undefined;
  readonly unreadSince: UnreadSince;
}

interface Work {
  readonly book: PolicyBook;
  readonly queues: Queues;
  readonly servers: ServerReconciler;
  readonly looks: WorkLooks;
  readonly controllers: readonly Controller[];
}

/** What was spent for a namespace is charged to the key that ends next. */
function chargedOf(spent: SpentTime): (key: string) => number {
  return (key) => chargedMs(spent.take(namespaceOf(key)), unchargedLookMs);
}

function consoleTerms(spent: SpentTime): Pick<WorkQueueOptions, "pauseMs" | "chargedMs"> {
  return { pauseMs: consolePauseMs, chargedMs: chargedOf(spent) };
}

/** The reconcilers, each with its queue. */
function assembleReconcilers(parts: OperatorParts, world: World): Work {
  const { clock } = parts;
  const groupsOf = (server: string): readonly string[] => namespacesOn(server, reconcilers.book);
  const runningMax = workersOfNamespace;
  const [spent, spentOnConsoles] = [new SpentTime(), new SpentTime()];
  const ofNamespace = { groupsOf: (key: string) => [namespaceOf(key)], runningMax };
  const queues: Queues = {
    policies: new WorkQueue(clock, {
      ...{ ...ofNamespace, pauseMs: lookPauseMs, chargedMs: chargedOf(spent) },
    }),
    databases: new WorkQueue(clock, {
      ...{ groupsOf, runningMax, pauseMs: shortestPauseMs },
      chargedMs: (server) => chargedMs(reconcilers.databases.busyMs(server)),
    }),
    // One at a time, whatever it costs: nobody's servers are looked at more than the others'.
    looks: new WorkQueue(clock, {
      ...{ groupsOf, runningMax: 1 },
      chargedMs: (server) => chargedMs(reconcilers.looks.takeBusyMs(server), unchargedLookMs),
    }),
    servers: new WorkQueue(clock, {
      groupsOf: (server) => reconcilers.book.namespacesAround(server),
      ...{ runningMax, pauseMs: decisionPauseMs },
      chargedMs: (server) => chargedMs(reconcilers.servers.busyMs(server)),
    }),
    releases: new WorkQueue(clock, { ...ofNamespace, pauseMs: releasePauseMs }),
    consoles: new WorkQueue(clock, { ...ofNamespace, ...consoleTerms(spentOnConsoles) }),
  };
  const reconcilers = createReconcilers({
    ...{ ...parts, ...world, ...wakersOf(queues) },
    tellBusy: spent.spend.bind(spent),
    tellBusyOnConsoles: spentOnConsoles.spend.bind(spentOnConsoles),
  });
  const { book, policies, databases, looks, servers, releases, gates } = reconcilers;
  const controllers = [
    controller(parts, {
      name: "policy",
      queue: queues.policies,
      run: async (k) => {
        const result = await policies.reconcile(k);
        queues.releases.add(releasesIn(namespaceOf(k)));
        queues.consoles.add(releasesIn(namespaceOf(k)));
        return result;
      },
    }),
    controller(parts, {
      name: "database",
      queue: queues.databases,
      run: (k) => databases.reconcile(k),
    }),
    controller(parts, { name: "look", queue: queues.looks, run: (k) => looks.reconcile(k) }),
    controller(parts, {
      name: "server",
      queue: queues.servers,
      run: (k, context) => servers.reconcile(k, context),
    }),
    controller(parts, {
      name: "release",
      queue: queues.releases,
      run: async (k) => {
        if (k !== releasesIn(namespaceOf(k))) return await releases.reconcile(k);
        for (const due of releases.dueIn(namespaceOf(k))) queues.releases.add(due);
        return await gates.reconcile(namespaceOf(k));
      },
    }),
  ];
  const { consoles } = reconcilers;
  if (consoles) controllers.push(consoleController(parts, consoles, queues.consoles));
  else queues.consoles.close();
  return { book, queues, servers, looks, controllers };
}

function consoleController(
  parts: OperatorParts,
  consoles: ConsoleReconciler,
  queue: WorkQueue,
): Controller {
  const run = async (key: string): Promise<Result> => {
    const namespace = namespaceOf(key);
    if (key !== releasesIn(namespace)) return await consoles.reconcile(key);
    for (const due of consoles.dueIn(namespace)) queue.add(due);
    return done;
  };
  return controller(parts, { name: "console", queue, run });
}

/** Those whose policies a server is read for. */
function namespacesOn(server: string, book: PolicyBook): readonly string[] {
  return [...new Set(book.readersOf(server).map(({ namespace }) => namespace))];
}

function wakersOf(
  queues: Queues,
): Pick<ReconcilerParts, "enqueueServer" | "enqueueDatabase" | "enqueueLook"> {
  return {
    enqueueLook: (server, delayMs) => {
      queues.looks.addAfter(server, delayMs);
    },
    enqueueServer: (server) => {
      queues.servers.add(server);
    },
    enqueueDatabase: (server, delayMs = 0) => {
      if (delayMs > 0) queues.databases.addAfter(server, delayMs);
      else queues.databases.add(server);
    },
  };
}

function controller(
  { clock, random, log, metrics }: OperatorParts,
  {
    name,
    queue,
    run,
  }: {
    readonly name: string;
    readonly queue: WorkQueue;
    readonly run: Reconcile;
  },
): Controller {
  const backoff = new Backoff({ random, baseMs: 500, maxMs: 60_000 });
  return new Controller({
    name,
    queue,
    reconcile: run,
    backoff,
    clock,
    random,
    log,
    metrics,
    workers,
  });
}

function informersPart(informers: Informers): Part {
  const all = Object.values(informers).flatMap(
    (kind: { readonly informers: readonly { start(): void; stop(): Promise<void> }[] }) =>
      kind.informers,
  );
  return {
    name: "informers",
    start: () => {
      for (const informer of all) informer.start();
    },
    stop: async () => {
      await Promise.all(all.map((informer) => informer.stop()));
    },
  };
}
