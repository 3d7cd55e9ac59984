// Keeps looking while the acts are played: at the server's sessions, at the pods, and at what the
// operator says in its events. Everything seen goes to the screen and into the recording.
import type { KubernetesRest } from "../support/kubernetes-rest.ts";
import { read } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";
import type { Postgres } from "../support/postgres.ts";
import { summarisePods } from "./pods.ts";
import type { ServicePods } from "./pods.ts";
import { beginAct, emptyRecording, endAct, refusedDuring, samplesOf } from "./recording.ts";
import type { Recording, Sample } from "./recording.ts";
import { openRefusalLog } from "./refusal-log.ts";
import { repeat } from "./repeat.ts";
import { startSampler } from "./sampler.ts";
import type { Screen } from "./screen.ts";
import { operatorEvents } from "./operator-events.ts";

const LOOK_AT_PODS_EVERY_MS = 300;

export type ObserverOptions = {
  readonly postgres: Postgres;
  readonly rest: KubernetesRest;
  readonly namespace: string;
  readonly limit: number;
  readonly screen: Screen;
};

export type Observer = {
  readonly recording: Recording;
  /** Rejects when nothing can be seen any more. */
  readonly failed: Promise<never>;
  /** Begins an act, and with it the counts of the view. */
  begin(title: string, withPolicy: boolean): void;
  /** Ends the act that is on, once the server was seen after it. */
  end(): Promise<void>;
  /** Remembers that something happens now, for the plot. */
  mark(text: string): void;
  /** The services as last seen. */
  services(): readonly ServicePods[];
  /** The server as last seen. */
  latest(): Sample;
  stop(): Promise<void>;
};

const NOTHING_SEEN: Sample = { atMs: 0, sessions: 0, byService: new Map(), refused: 0 };

export async function startObserver(options: ObserverOptions): Promise<Observer> {
  const { postgres, screen } = options;
  const startMs = performance.now();
  const now = (): number => Math.round(performance.now() - startMs);
  const recording = emptyRecording();
  const seen: Seen = { services: [], events: new Set() };
  const log = await openRefusalLog(postgres);
  const sampler = await startSampler({
    uri: postgres.uri(),
    countRefusals: () => log.count(),
    now,
    onSample: (sample) => {
      recording.samples.push(sample);
      showView(recording, seen, options);
    },
  });
  const looking = repeat(LOOK_AT_PODS_EVERY_MS, () => look(seen, options));
  return {
    recording,
    failed: Promise.race([looking.failed, sampler.failed]),
    begin: (title, withPolicy) => {
      beginAct(recording, { title, withPolicy, atMs: now() });
      screen.say(`\n── ${title} ──`);
    },
    end: async () => {
      const lastMs = now();
      await waitUntil("a last look", () => (recording.samples.at(-1)?.atMs ?? 0) > lastMs);
      endAct(recording, now());
    },
    mark: (text) => void recording.marks.push({ atMs: now(), text }),
    services: () => seen.services,
    latest: () => recording.samples.at(-1) ?? NOTHING_SEEN,
    stop: async () => {
      await Promise.all([looking.stop(), sampler.stop()]);
      await log.close();
    },
  };
}

type Seen = { services: readonly ServicePods[]; readonly events: Set<string> };

function showView(
  recording: Recording,
  { services }: Seen,
  { limit, screen }: ObserverOptions,
): void {
  const act = recording.acts.at(-1);
  const sample = recording.samples.at(-1);
  if (act === undefined || sample === undefined) return;
  screen.show({
    act: act.title,
    elapsedMs: sample.atMs,
    limit,
    sessions: sample.sessions,
    byService: sample.byService,
    peak: Math.max(...samplesOf(recording, act).map(({ sessions }) => sessions), 0),
    refused: refusedDuring(recording, act),
    services,
  });
}

async function look(seen: Seen, { rest, namespace, screen }: ObserverOptions): Promise<void> {
  const metadata = { namespace };
  const pods = await rest.list({ apiVersion: "v1", kind: "Pod", metadata });
  seen.services = summarisePods(pods);
  const events = await rest.list({ apiVersion: "events.k8s.io/v1", kind: "Event", metadata });
  for (const event of operatorEvents(events)) {
    const uid = String(read(event, "metadata", "uid"));
    if (!seen.events.has(uid)) screen.say(`  poolwarden: ${String(read(event, "note"))}`);
    seen.events.add(uid);
  }
}
