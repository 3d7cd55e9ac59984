// Real pools in real processes: the demo's service as the pods of a Deployment, and how many
// sessions of it the server shows, looked at all the time.
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { KubernetesObject } from "./kubernetes-rest.ts";
import { buildWorkload } from "./workloads.ts";

/** What it calls itself to the server: the name of its Deployment. */
const service = "web";

export interface Sampler {
  /** Most sessions of the pods at any look since `restart`. */
  peak(): number;
  restart(): void;
  /** Sessions of the pods now. */
  now(): number;
  stop(): Promise<void>;
}

/** Looks at pg_stat_activity some twenty times a second, over one session of its own. */
export async function startSampler(uri: string): Promise<Sampler> {
  const client = new pg.Client({ connectionString: uri, application_name: "sampler" });
  await client.connect();
  let [peak, now, isWanted] = [0, 0, true];
  const sampling = (async () => {
    while (isWanted) {
      const { rows } = await client.query<{ sessions: number }>(
        "SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = $1",
        [service],
      );
      now = rows[0]?.sessions ?? 0;
      peak = Math.max(peak, now);
      await delay(50);
    }
  })();
  return {
    peak: () => peak,
    now: () => now,
    restart: () => {
      peak = 0;
    },
    stop: async () => {
      isWanted = false;
      await sampling;
      await client.end();
    },
  };
}

export interface ServiceParts {
  readonly namespace: string;
  readonly replicas: number;
  /** What its pools connect to. */
  readonly uri: string;
  readonly poolSize: number;
  /** Beside what every service here has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The demo's service: it fills its pool, and drains for a while when it is asked to end. */
export function buildService(parts: ServiceParts): KubernetesObject {
  const { namespace, replicas, uri, poolSize, env = {} } = parts;
  const variables = {
    ...{ DATABASE_URL: uri, PGAPPNAME: service, DB_POOL_MAX_SIZE: String(poolSize) },
    ...{ DRAIN_MS: "1000", ...env },
  };
  const workload = buildWorkload("Deployment", namespace, service, {
    replicas,
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
  });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  const [container] = template.spec.containers;
  Object.assign(container ?? {}, { command: ["node", "test/demo/sample-service.ts"] });
  return workload;
}
