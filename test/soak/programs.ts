// Every program that is not a test, with what it is run with through a night (`make soak`) and in
// short (`.ci/run`), so that none of them can rot unseen. Those without a short form have one among
// the tests, or take minutes to begin.

export interface Run {
  /** A target of the Makefile. */
  readonly target: string;
  /** What the target is told. */
  readonly variables?: Readonly<Record<string, string | number>>;
}

/** The long forms; `seed` is the first of those that nobody has looked at. */
export function longRuns(seed: number): readonly Run[] {
  const chaos = Array.from({ length: 5 }, (_, index) => seed + index);
  return [
    { target: "simulate", variables: { SEEDS: 10_000, SEED: seed } },
    { target: "fuzz", variables: { FRAMES: 100_000, SEED: seed } },
    { target: "mutants" },
    { target: "compare" },
    { target: "bench" },
    ...chaos.map((one) => ({ target: "chaos", variables: { EVENTS: 100, SEED: one } })),
    { target: "leader-kills", variables: { KILLS: 20, SEED: seed } },
    { target: "leader-kills", variables: { KILLS: 100, SEED: seed, TIMES: "short" } },
    { target: "frameworks" },
    { target: "image-check", variables: { DEPLOYMENTS: 1_000, MAY_SKIP: 1 } },
    { target: "kind-e2e", variables: { MAY_SKIP: 1 } },
    { target: "control-plane-check" },
    { target: "demo" },
  ];
}

/** At most four minutes on two quiet cores. The demo runs in `.ci/run` anyway. */
export const shortRuns: readonly Run[] = [
  {
    target: "bench",
    variables: { WORKLOADS: 100, PODS: 2_000, LIVE_PODS: 200, DEPLOYMENTS: 20, TENANT_SECONDS: 2 },
  },
  { target: "compare", variables: { ONLY: "newcomer" } },
  { target: "frameworks", variables: { ONLY: "node-postgres" } },
  { target: "control-plane-check" },
];

/** As one would type it. */
export function commandOf({ target, variables = {} }: Run): string {
  return ["make", ...argumentsOf({ target, variables })].join(" ");
}

export function argumentsOf({ target, variables = {} }: Run): readonly string[] {
  return [target, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)];
}
