// The replicas of the operator: each a process with a user of its own at the API server, so that
// the audit log tells them apart, and a line of its own to it, so that one can be cut off while the
// others stay connected. All have the rights of the install manifest and no others.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { read } from "../support/kubernetes-rest.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { waitUntil } from "../support/processes.ts";
import { startLine } from "../support/tcp.ts";
import type { Line } from "../support/tcp.ts";
import type { ElectionTimes } from "./times.ts";

export const GROUP = "operators";
const SYSTEM = "poolwarden-system";
const LEADS_WITHIN_MS = 120_000;

export type Replica = {
  readonly user: string;
  readonly process: OperatorProcess;
  /** To the API server. */
  readonly line: Line;
};

export type Replicas = {
  /** One more; resolves when it is ready. */
  start(): Promise<Replica>;
  /**
   * Resolves with who holds the Lease, once that is one that is not buried, and another than it.
   */
  leader(before?: Replica): Promise<Replica>;
  /** When the Lease was last renewed by this one; undefined: another holds it. */
  renewedMs(replica: Replica): Promise<number | undefined>;
  /** Who is neither the leader nor buried. */
  standbysOf(leader: Replica): readonly Replica[];
  /** Keeps its log and forgets it. */
  bury(replica: Replica): Promise<void>;
  stop(): Promise<void>;
};

export type ReplicasOptions = {
  readonly plane: ControlPlane;
  readonly times: ElectionTimes;
  /** For kubeconfigs. */
  readonly directory: string;
  readonly logFolder: string;
};

export function createReplicas(options: ReplicasOptions): Replicas {
  const { plane } = options;
  const running = new Set<Replica>();
  let born = 0;
  const bury = async (replica: Replica): Promise<void> => {
    running.delete(replica);
    await replica.process.stop("SIGKILL");
    await saveLog(replica, options.logFolder);
    await replica.process[Symbol.asyncDispose]();
    await replica.line[Symbol.asyncDispose]();
  };
  const find = async (): Promise<Replica | undefined> => {
    const lease = await readLease(plane);
    return [...running].find((replica) => isHeldBy(lease, replica));
  };
  return {
    start: async () => {
      const replica = await startReplica(options, `operator-${++born}`);
      running.add(replica);
      return replica;
    },
    leader: async (before) => {
      let found: Replica | undefined;
      const isFound = async (): Promise<boolean> => {
        found = await find();
        return found !== undefined && found !== before;
      };
      await waitUntil("a leader", isFound, LEADS_WITHIN_MS);
      if (!found) throw new Error("nobody leads");
      return found;
    },
    renewedMs: async (replica) => {
      const lease = await readLease(plane);
      return isHeldBy(lease, replica) ? Date.parse(String(read(lease, "renewTime"))) : undefined;
    },
    standbysOf: (leader) => [...running].filter((replica) => replica !== leader),
    bury,
    stop: async () => {
      for (const replica of [...running]) await bury(replica);
    },
  };
}

async function startReplica(
  { plane, times, directory }: ReplicasOptions,
  user: string,
): Promise<Replica> {
  const line = await startLine(Number(new URL(plane.server).port));
  const kubeconfig = await plane.addUser({ name: user, groups: [GROUP] });
  const kubeconfigPath = join(directory, user);
  const throughLine = kubeconfig.replaceAll(plane.server, `https://127.0.0.1:${line.port}`);
  await writeFile(kubeconfigPath, throughLine, { mode: 0o600 });
  const flags = [
    "--settle-time=2s",
    `--lease-duration=${times.leaseDuration}`,
    `--renew-deadline=${times.renewDeadline}`,
    `--retry-period=${times.retryPeriod}`,
  ];
  const environment = { POD_NAME: user, POD_NAMESPACE: SYSTEM };
  return { user, line, process: await startOperator({ kubeconfigPath, flags, environment }) };
}

/** What the Lease says. */
async function readLease(plane: ControlPlane): Promise<unknown> {
  const args = ["get", "lease", "poolwarden", "-n", SYSTEM, "-o", "json"];
  const { code, stdout } = await plane.kubectl(args);
  return code === 0 ? read(JSON.parse(stdout), "spec") : undefined;
}

function isHeldBy(lease: unknown, { user }: Replica): boolean {
  return String(read(lease, "holderIdentity")).startsWith(`${user}_`);
}

async function saveLog({ user, process }: Replica, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = process.log().map((line) => JSON.stringify(line));
  await writeFile(join(folder, `${user}.log`), `${lines.join("\n")}\n${process.otherOutput()}\n`);
}
