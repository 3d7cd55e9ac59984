// The operator's own Deployment: as many replicas as the scenario wants, each started again a while
// after it died, and each write of theirs shown to the judge before and after it is done.

import { createHash } from "node:crypto";
import { poolSizeAnnotation } from "../../src/api/group.ts";
import { workloadKindNames, workloadKindOf } from "../../src/api/workload-kinds.ts";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { Election } from "../../src/operator.ts";
import type { Cluster, Database, Log, Random } from "../../src/ports.ts";
import { MemoryLease, openDirectLine } from "../support/memory-lease.ts";
import { namespace } from "./fleet.ts";
import type { Judge } from "./judge.ts";
import type { Conditions } from "./network.ts";
import { OperatorProcess, type OperatorSettings } from "./operator-process.ts";
import type { SimulatedTime } from "./time.ts";
import { withdraws } from "./withdrawals.ts";
import type { World } from "./world/world.ts";

export interface OperatorsParts {
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly world: World;
  readonly judge: Judge;
  readonly conditions: Conditions;
  readonly settings: OperatorSettings;
  /** A line of the run's history. */
  readonly tell: (line: string) => void;
}

interface Kind {
  readonly isElected: boolean;
  readonly onEnd: () => void;
}

/** Wider than the defaults, so that a run is not mostly renewals. */
const electionTimes = { leaseDurationMs: 45_000, renewDeadlineMs: 30_000, retryMs: 10_000 };

export class Operators {
  readonly #parts: OperatorsParts;
  readonly #stored = new MemoryLease();
  readonly #lease = openDirectLine(this.#stored);
  readonly #processes: OperatorProcess[] = [];
  #isElected = false;
  #started = 0;
  /** How long a replica that died stays away. */
  restartMs = 10_000;

  constructor(parts: OperatorsParts) {
    this.#parts = parts;
  }

  /** Those that run, stopped ones included. */
  get processes(): readonly OperatorProcess[] {
    return this.#processes;
  }

  /** With more than one replica they elect a leader. */
  start(replicas: number): void {
    this.#isElected = replicas > 1;
    for (let replica = 0; replica < replicas; replica++) this.#startOne();
  }

  /** One more that knows of no election; the returned function ends it for good. */
  startStray(): () => void {
    const stray = this.#startProcess({ isElected: false, onEnd: () => undefined });
    return () => {
      stray.kill();
    };
  }

  #startOne(): void {
    this.#startProcess({
      isElected: this.#isElected,
      onEnd: () => {
        this.#parts.time.after(this.restartMs, () => {
          this.#startOne();
        });
      },
    });
  }

  #startProcess({ isElected, onEnd }: Kind): OperatorProcess {
    const { world, tell } = this.#parts;
    const name = `poolwarden-${++this.#started}`;
    const connection = world.connect(name);
    const process: OperatorProcess = new OperatorProcess({
      ...this.#parts,
      name,
      log: this.#logOf(name),
      surroundings: {
        ...connection,
        cluster: this.#judged(connection.cluster, { name, isElected }, () => process),
        database: this.#noticed(connection.database, () => process),
        election: isElected
          ? this.#electionOf(name, () => {
              process.kill();
            })
          : undefined,
      },
      onEnd: () => {
        tell(`${name} ends`);
        void connection.database.close();
        this.#processes.splice(this.#processes.indexOf(process), 1);
        onEnd();
      },
    });
    this.#processes.push(process);
    tell(`${name} starts`);
    process.start();
    return process;
  }

  #electionOf(identity: string, onLost: () => void): Election {
    return { ...electionTimes, lease: this.#lease, identity, onLost };
  }

  /**
   * The session of a second operator is a foreign one to the first, until that one reads again. Who
   * is at work is told with each reading: looks in between would take most of the time.
   */
  #noticed(database: Database, processOf: () => OperatorProcess): Database {
    const { judge, world } = this.#parts;
    const read: Database["read"] = async (target) => {
      const { ofOperators } = world.database(target.server);
      const outcome = await database.read(target);
      const sessions = world.database(target.server).ofOperators;
      if (sessions > Math.max(1, ofOperators)) judge.goBeyondPlan();
      const seen = outcome.kind === "read" ? await database.lookAtWork?.(target) : undefined;
      if (seen?.clients) processOf().tellWork(target.server, seen.clients);
      return outcome;
    };
    return {
      read,
      forget: (server) => database.forget(server),
      close: () => database.close(),
    };
  }

  #judged(
    cluster: Cluster,
    { name, isElected }: { readonly name: string; readonly isElected: boolean },
    processOf: () => OperatorProcess,
  ): Cluster {
    const { judge, tell, world } = this.#parts;
    const judgeWriter = (): void => {
      const { holder = "nobody" } = this.#stored;
      if (!isElected || holder === name) return;
      judge.violate("one writer", `${name} writes while ${holder} leads`);
    };
    const evict = this.#judgedEviction(cluster, { name, processOf });
    return {
      ...cluster,
      evict: (pod) => {
        judgeWriter();
        return evict(pod);
      },
      resizePod: async (pod, resize) => {
        const before = judge.account();
        const key = world.pod(pod.key)?.workload ?? "";
        judgeWriter();
        const outcome = await cluster.resizePod(pod, resize);
        if (outcome.kind !== "ok") return outcome;
        const size = resize.annotations[poolSizeAnnotation] ?? "";
        tell(`${name} resizes ${pod.key} ${resize.from}→${size}`);
        const { server = "" } = world.workloads.get(key)?.pools ?? {};
        const knowledge = processOf().knowledgeOf(server, judge.leadOf(server));
        judge.judgeWrite({ what: "resize", key, isChange: true }, before, knowledge);
        return outcome;
      },
      releasePod: async (pod, release) => {
        const before = judge.account();
        const key = world.pod(pod.key)?.workload ?? "";
        judgeWriter();
        const outcome = await cluster.releasePod(pod, release);
        if (outcome.kind !== "ok") return outcome;
        const size = release.annotations[poolSizeAnnotation] ?? "";
        tell(`${name} releases ${pod.key} with ${size}`);
        const { server = "" } = world.workloads.get(key)?.pools ?? {};
        const knowledge = processOf().knowledgeOf(server, judge.leadOf(server));
        // Whose gate is gone starts as soon as nobody asks for it any more.
        const isOwnersWord = world.nextSlots(key) > 0;
        const write = { what: "resize", key, isChange: true, isOwnersWord } as const;
        judge.judgeWrite(write, before, knowledge);
        return outcome;
      },
      writeStatus: async (key, resourceVersion, status) => {
        const stored = world.kinds.policies.get(key);
        const before = judge.account();
        judgeWriter();
        const outcome = await cluster.writeStatus(key, resourceVersion, status);
        if (outcome.kind === "invalid") judge.violate("every write is valid", outcome.message);
        if (outcome.kind !== "ok") return outcome;
        tell(`${name} writes ${key}: ${describeGrants(status)}, in all #${digestOf(status)}`);
        const isChange = outcome.value !== stored;
        judge.judgeStatus(key, status);
        const { server = "" } = status;
        const knowledge = processOf().knowledgeOf(server, judge.leadOf(server));
        const isWithdrawal = withdraws(stored, status, judge.isTied(server));
        const write = { what: "status", key, isChange, isWithdrawal } as const;
        judge.judgeWrite(write, before, knowledge);
        return outcome;
      },
      apply: async (manifest, options) => {
        const before = judge.account();
        const { resourceVersion: versionBefore } = observed(world, manifest.metadata.name) ?? {};
        judgeWriter();
        const outcome = await cluster.apply(manifest, options);
        if (outcome.kind === "invalid") judge.violate("every write is valid", outcome.message);
        judge.judgeManifest(manifest);
        if (outcome.kind !== "ok" || !isWorkload(manifest.kind)) return outcome;
        const key = `${namespace}/${manifest.kind}/${manifest.metadata.name}`;
        tell(`${name} rolls ${key}`);
        const isChange = outcome.value.resourceVersion !== versionBefore;
        const { server = "" } = world.workloads.require(key).pools;
        const knowledge = processOf().knowledgeOf(server, judge.leadOf(server));
        judge.judgeWrite({ what: "roll", key, isChange }, before, knowledge);
        return outcome;
      },
    };
  }

  #judgedEviction(
    cluster: Pick<Cluster, "evict">,
    { name, processOf }: { readonly name: string; readonly processOf: () => OperatorProcess },
  ): Cluster["evict"] {
    const { judge, tell, world } = this.#parts;
    return async (pod) => {
      const before = judge.account();
      const found = world.pod(pod.key);
      const key = found?.workload ?? "";
      const outcome = await cluster.evict(pod);
      if (outcome.kind !== "ok" || !found) return outcome;
      tell(`${name} evicts ${pod.key}`);
      const { server = "" } = world.workloads.require(key).pools;
      const knowledge = processOf().knowledgeOf(server, judge.leadOf(server));
      judge.judgeEviction(key, pod.key, knowledge);
      const evicted = { pod: pod.key, slots: found.slots };
      judge.judgeWrite({ what: "eviction", key, evicted, isChange: true }, before, knowledge);
      return outcome;
    };
  }

  #logOf(name: string): Log {
    const { judge, tell } = this.#parts;
    const log: Log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => {
        // Losing the lease is an error to a person, and no fault.
        if (!message.includes("fault of the operator")) return;
        const { error } = fields as { readonly error?: Error };
        tell(`${name}: ${message} ${error?.stack ?? ""}`);
        judge.violate("no fault of the operator", `${message}: ${error?.message ?? ""}`);
      },
      child: () => log,
    };
    return log;
  }
}

function isWorkload(kind: string): boolean {
  return workloadKindOf(kind) !== undefined;
}

function observed(world: World, name: string): { readonly resourceVersion: string } | undefined {
  const key = `${namespace}/${name}`;
  return workloadKindNames.map((kind) => world.kinds.workloads[kind].get(key)).find(Boolean);
}

function describeGrants({ grants = {}, used, budget, conditions = [] }: PoolPolicyStatus): string {
  const sizes = Object.entries(grants).map(
    ([workload, { poolSize, settlingPoolSize }]) =>
      `${workload.slice(workload.indexOf("/") + 1)}=${poolSize}${settlingPoolSize ? `<${settlingPoolSize}` : ""}`,
  );
  const ready = conditions.find(({ type }) => type === "Ready");
  return `${used ?? "?"} of ${budget ?? "?"}, ${sizes.join(" ")} Ready=${ready?.status ?? ""}/${ready?.reason ?? ""}`;
}

/** Equal for equal statuses. */
function digestOf(status: PoolPolicyStatus): string {
  return createHash("sha256").update(JSON.stringify(status)).digest("hex").slice(0, 12);
}
