// A workload with two pools, of which each is of a policy of its own: the main one on the server of
// every world, the other one there too or elsewhere.

import type { WorkloadRow } from "../../../src/api/poolpolicy.ts";
import { aContainer, MemoryWorld, server } from "./world.ts";

export const elsewhere = "reports.shop.svc:5432";
const reportsEnv = { minSize: "REPORTS_POOL_MIN_SIZE", maxSize: "REPORTS_POOL_MAX_SIZE" };
export const reportsEntry = { name: "web", pool: "reports", env: reportsEnv };
const env = [
  { name: "DB_POOL_MAX_SIZE", value: "20" },
  { name: "REPORTS_POOL_MAX_SIZE", value: "30" },
];

export interface Parts {
  readonly admission?: boolean;
  readonly orders?: object;
  readonly reports?: object;
  readonly onOne?: boolean;
  /** Of the second server. */
  readonly maxConnections?: number;
  readonly replicas?: number;
}

export class SharedWorld extends MemoryWorld {
  limits: Record<string, number> = { [server]: 100 };
  /** The most slots that pods of `web` held at once on each server. */
  readonly peaks: Record<string, number> = {};

  /** Some minutes, in which each server is read. */
  async settle(minutes = 12): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      for (let step = 0; step < 12; step += 1) {
        await this.pass(5_000, 5_000);
        this.notePeaks();
      }
      this.readAll();
    }
  }

  /** It says the same, as another generation. */
  editAgain(policy: string): void {
    const { policies } = this.stores;
    const known = policies.get(`shop/${policy}`);
    if (!known) throw new Error(`there is no policy ${policy}`);
    const resourceVersion = this.stores.nextVersion();
    policies.set({ ...known, generation: known.generation + 1, resourceVersion });
  }

  readAll(): void {
    for (const [name, maxConnections] of Object.entries(this.limits)) {
      this.read({ maxConnections }, name);
    }
  }

  notePeaks(): void {
    const names = { [server]: "DB_POOL_MAX_SIZE", [elsewhere]: "REPORTS_POOL_MAX_SIZE" };
    for (const [name, variable] of Object.entries(names)) {
      const held = this.sizesOf(variable).reduce((sum, size) => sum + size, 0);
      this.peaks[name] = Math.max(this.peaks[name] ?? 0, held);
    }
  }

  /** Of all pods that exist. */
  sizesOf(variable: string): number[] {
    return [...this.stores.pods.values()].map(({ containers }) => {
      const entry = containers[0]?.env.find(({ name }) => name === variable);
      return Number(entry?.value ?? 0);
    });
  }

  rowOf(policy: string, workload: string): WorkloadRow | undefined {
    return this.status(policy).workloads?.find((row) => row.workload === workload);
  }

  reasonsOf(policy: string): string[] {
    return (this.status(policy).findings ?? []).map(({ reason }) => reason);
  }
}

export function aWorld({ admission = true, replicas = 3, ...parts }: Parts = {}): SharedWorld {
  const { orders = {}, reports = {}, onOne = false, maxConnections = 60 } = parts;
  const world = new SharedWorld({ admission });
  const database = onOne ? {} : { database: world.otherDatabase("reports", elsewhere) };
  if (!onOne) world.limits[elsewhere] = maxConnections;
  world.readAll();
  world.deployment("web", { replicas, containers: [{ ...aContainer(1), env }] });
  world.policy("orders", { workloads: [{ name: "web" }], ...orders });
  world.policy("reports", { ...database, workloads: [reportsEntry], ...reports });
  return world;
}
