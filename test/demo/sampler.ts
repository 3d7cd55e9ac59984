// Watches the server from outside every pool: one superuser session of its own, which is not
// counted, asks several times a second who is there. Superusers keep slots of their own, so it
// sees the server even while that refuses everybody else.
import pg from "pg";
import type { Sample } from "./recording.ts";
import { repeat } from "./repeat.ts";

const EVERY_MS = 150;

const COUNT_SESSIONS = `
  SELECT application_name AS service, count(*)::int AS sessions
  FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
  GROUP BY application_name`;

export type SamplerOptions = {
  readonly uri: string;
  readonly countRefusals: () => Promise<number>;
  readonly now: () => number;
  readonly onSample: (sample: Sample) => void;
};

export type Sampler = {
  /** Rejects when the server cannot be watched any more. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
};

export async function startSampler(options: SamplerOptions): Promise<Sampler> {
  const client = new pg.Client({ connectionString: options.uri, application_name: "observer" });
  client.on("error", () => undefined);
  await client.connect();
  const sampling = repeat(EVERY_MS, async () => {
    options.onSample(await takeSample(client, options));
  });
  return {
    failed: sampling.failed,
    stop: async () => {
      await sampling.stop();
      await client.end();
    },
  };
}

async function takeSample(client: pg.Client, options: SamplerOptions): Promise<Sample> {
  const { rows } = await client.query<{ service: string; sessions: number }>(COUNT_SESSIONS);
  const byService = new Map(rows.map(({ service, sessions }) => [service, sessions]));
  const sessions = rows.reduce((sum, row) => sum + row.sessions, 0);
  const refused = await options.countRefusals();
  return { atMs: options.now(), sessions, byService, refused };
}
