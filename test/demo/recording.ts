// What the demo saw over time, as plain data: the live view, the plot and the verdict are all
// worked out from it.

export type Sample = {
  /** Milliseconds since the recording began. */
  readonly atMs: number;
  /** Client sessions on the server, without the observer's own. */
  readonly sessions: number;
  readonly byService: ReadonlyMap<string, number>;
  /** Logins that the server has refused since the recording began. */
  readonly refused: number;
};

/** Something that happened, for the plot. */
export type Mark = { readonly atMs: number; readonly text: string };

export type Act = {
  readonly title: string;
  readonly withPolicy: boolean;
  readonly startMs: number;
  /** Undefined while it is on. */
  endMs: number | undefined;
};

export type Recording = {
  readonly samples: Sample[];
  readonly marks: Mark[];
  readonly acts: Act[];
};

export type Extremes = { readonly refused: number; readonly peak: number };

export function emptyRecording(): Recording {
  return { samples: [], marks: [], acts: [] };
}

/** Begins an act where the last one, if any, ends. */
export function beginAct(
  { acts }: Recording,
  act: { readonly title: string; readonly withPolicy: boolean; readonly atMs: number },
): void {
  const { title, withPolicy, atMs } = act;
  endAct({ acts }, atMs);
  acts.push({ title, withPolicy, startMs: atMs, endMs: undefined });
}

export function endAct({ acts }: Pick<Recording, "acts">, atMs: number): void {
  const last = acts.at(-1);
  if (last !== undefined) last.endMs ??= atMs;
}

/** The most sessions at once and the logins refused, in all acts with or without the policy. */
export function extremesOf(recording: Recording, withPolicy: boolean): Extremes {
  let refused = 0;
  let peak = 0;
  for (const act of recording.acts.filter((one) => one.withPolicy === withPolicy)) {
    const within = samplesOf(recording, act);
    peak = within.reduce((most, { sessions }) => Math.max(most, sessions), peak);
    refused += refusedDuring(recording, act);
  }
  return { refused, peak };
}

/** The recording from the first act, which then begins at 0, to the end of the last. */
export function fromFirstAct({ samples, marks, acts }: Recording): Recording {
  const startMs = acts[0]?.startMs ?? 0;
  const endMs = acts.at(-1)?.endMs ?? Infinity;
  const refusedBefore = samples.findLast(({ atMs }) => atMs < startMs)?.refused ?? 0;
  const shift = <T extends { readonly atMs: number }>(one: T): T => ({
    ...one,
    atMs: one.atMs - startMs,
  });
  return {
    samples: samples
      .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
      .map((sample) => ({ ...shift(sample), refused: sample.refused - refusedBefore })),
    marks: marks.map(shift),
    acts: acts.map((act) => ({
      ...act,
      startMs: act.startMs - startMs,
      endMs: act.endMs === undefined ? undefined : act.endMs - startMs,
    })),
  };
}

export function samplesOf({ samples }: Recording, { startMs, endMs = Infinity }: Act): Sample[] {
  return samples.filter(({ atMs }) => atMs >= startMs && atMs < endMs);
}

/** The counter only rises, so an act's refusals are its rise since the last sample before it. */
export function refusedDuring(recording: Recording, act: Act): number {
  const before = recording.samples.findLast(({ atMs }) => atMs < act.startMs)?.refused ?? 0;
  const after = samplesOf(recording, act).at(-1)?.refused ?? before;
  return after - before;
}
