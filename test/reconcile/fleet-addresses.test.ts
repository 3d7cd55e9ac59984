// Whose a session was, by its address and its moment: pods come, go, change hands, and addresses
// are used again.

import { describe, expect, test } from "vitest";
import { FleetAddresses } from "../../src/reconcile/memory/fleet-addresses.ts";
import { minuteMs } from "../support/memory-world/world.ts";

const windowMs = 10 * minuteMs;
const address = "10.0.0.1";

/** What is there at a moment, in seconds: a pod of the fleet created then, or somebody else's. */
interface Step {
  readonly at: number;
  readonly fleetPodCreatedAt?: number;
  readonly isTaken?: boolean;
}

interface Row {
  readonly name: string;
  readonly steps: readonly Step[];
  /** By the second of the sample: whether a session from the address was the fleet's then. */
  readonly want: Readonly<Record<number, boolean>>;
  /** How far our wall clock is behind the API server's, in seconds. */
  readonly behind?: number;
}

const rows: readonly Row[] = [
  {
    name: "a pod that runs, since it was created",
    steps: [{ at: 1_000, fleetPodCreatedAt: 500 }],
    want: { 499: false, 500: true, 1_000: true, 1_100: true },
  },
  {
    name: "an address that comes after the first session",
    steps: [{ at: 1_000, fleetPodCreatedAt: 998 }],
    want: { 939: false, 940: true, 990: true },
  },
  {
    name: "a pod that joins the fleet was there before",
    steps: [
      { at: 900, isTaken: true },
      { at: 1_000, fleetPodCreatedAt: 1 },
    ],
    want: { 100: true, 950: true },
  },
  {
    name: "a pod that is taken out of the fleet, from the next sample on",
    steps: [
      { at: 990, fleetPodCreatedAt: 1 },
      { at: 1_000, isTaken: true },
    ],
    want: { 800: true, 995: true, 1_000: true, 1_001: false },
  },
  {
    name: "a pod that is taken out and comes back: what it did meanwhile is the fleet's again",
    steps: [
      { at: 990, fleetPodCreatedAt: 1 },
      { at: 1_000, isTaken: true },
      { at: 1_100, fleetPodCreatedAt: 1 },
    ],
    want: { 995: true, 1_050: true, 1_200: true },
  },
  {
    name: "a pod that is gone, for the window: its sessions are ghosts",
    steps: [{ at: 990, fleetPodCreatedAt: 1 }, { at: 1_000 }],
    want: { 995: true, 1_300: true, 1_600: true, 1_601: false },
  },
  {
    name: "an address that somebody else has now was the fleet's before",
    steps: [{ at: 990, fleetPodCreatedAt: 1 }, { at: 1_000 }, { at: 1_200, isTaken: true }],
    want: { 995: true, 1_100: true, 1_200: true, 1_201: false },
  },
  {
    name: "an address that somebody else had meanwhile",
    steps: [
      { at: 990, fleetPodCreatedAt: 1 },
      { at: 1_000 },
      { at: 1_200, isTaken: true },
      { at: 1_400, isTaken: true },
      { at: 1_500, fleetPodCreatedAt: 1_495 },
    ],
    want: { 995: true, 1_150: true, 1_300: false, 1_439: false, 1_450: true, 1_600: true },
  },
  {
    name: "an address that a pod of the fleet has again",
    steps: [
      { at: 990, fleetPodCreatedAt: 1 },
      { at: 1_000 },
      { at: 1_100, fleetPodCreatedAt: 1_095 },
    ],
    want: { 995: true, 1_050: true, 9_999: true },
  },
  {
    name: "a pod of the future, because our clock was set back or the API server's is ahead",
    steps: [{ at: 1_000, fleetPodCreatedAt: 998 }],
    behind: 3_600,
    want: { 939: false, 940: true, 1_100: true },
  },
];

function noteAll(fleet: FleetAddresses, steps: readonly Step[], behind = 0): void {
  for (const { at, fleetPodCreatedAt, isTaken = false } of steps) {
    const createdAtMs = (fleetPodCreatedAt ?? 0) * 1_000;
    const pod = { uid: `made-at-${createdAtMs}`, addresses: [address], createdAtMs };
    const pods = fleetPodCreatedAt === undefined ? [] : [pod];
    const now = { monotonicMs: at * 1_000, nowMs: (at - behind) * 1_000 };
    fleet.note(pods, now, (absent) => (isTaken ? absent : []));
  }
}

/** In seconds. */
function vacancyIn({ vacancies }: FleetAddresses): number[] | undefined {
  const vacancy = vacancies.get(address);
  return vacancy && [vacancy.fromMs / 1_000, vacancy.untilMs / 1_000];
}

describe("whose a session was", () => {
  test.each(rows)("$name", ({ steps, want, behind = 0 }) => {
    const fleet = new FleetAddresses(windowMs);
    noteAll(fleet, steps, behind);
    const spans = fleet.spans.get(address) ?? [];
    const wasTheFleets = (atMs: number): boolean =>
      spans.some(({ fromMs, untilMs }) => fromMs <= atMs && atMs <= untilMs);
    const found = Object.keys(want).map((at) => [at, wasTheFleets(Number(at) * 1_000)]);
    expect(Object.fromEntries(found)).toEqual(want);
  });

  test.each([
    { name: "while nobody has it", steps: [{ at: 1_000 }], want: [1_000, Infinity] },
    {
      name: "until the pod was made that has it now",
      steps: [{ at: 1_000 }, { at: 1_100, fleetPodCreatedAt: 1_095 }],
      want: [1_000, 1_095],
    },
    {
      name: "of which nothing is known where that pod was made before",
      steps: [{ at: 1_000 }, { at: 1_100, fleetPodCreatedAt: 995 }],
      want: undefined,
    },
    {
      name: "of which nothing is known where the same pod comes back",
      steps: [{ at: 1_000 }, { at: 1_100, fleetPodCreatedAt: 1 }],
      want: undefined,
    },
    {
      name: "until it is given to a pod that was there before, which its node has started anew",
      steps: [{ at: 1_000 }, { at: 1_100, fleetPodCreatedAt: 500 }],
      want: [1_000, 1_100],
    },
    {
      name: "which ends when somebody else has it",
      steps: [{ at: 1_000 }, { at: 1_100, isTaken: true }],
      want: undefined,
    },
    {
      name: "which is forgotten after the window",
      steps: [
        { at: 1_000 },
        { at: 1_100, fleetPodCreatedAt: 1_095 },
        { at: 1_696, fleetPodCreatedAt: 1_095 },
      ],
      want: undefined,
    },
  ])("an address is vacant: $name", ({ steps, want }) => {
    const fleet = new FleetAddresses(windowMs);
    noteAll(fleet, [{ at: 990, fleetPodCreatedAt: 1 }, ...steps]);
    expect(vacancyIn(fleet)).toEqual(want);
  });

  test.each([
    {
      name: "since ever, until its pod was made",
      steps: [{ at: 1_100, fleetPodCreatedAt: 1_095 }],
      isShown: true,
      want: [-Infinity, 1_095],
    },
    {
      name: "which is of no interest where the server shows nothing there",
      steps: [{ at: 1_100, fleetPodCreatedAt: 1_095 }],
      isShown: false,
      want: undefined,
    },
    {
      name: "or somebody else's, who had it meanwhile",
      steps: [
        { at: 990, fleetPodCreatedAt: 1 },
        { at: 1_000, isTaken: true },
        { at: 1_100, fleetPodCreatedAt: 1_095 },
      ],
      isShown: true,
      want: [-Infinity, 1_095],
    },
  ])("an address with sessions was vacant: $name", ({ steps, isShown, want }) => {
    const fleet = new FleetAddresses(windowMs);
    for (const step of steps) {
      fleet.noteShown(isShown ? [address] : [], step.at * 1_000);
      noteAll(fleet, [step]);
    }
    expect(vacancyIn(fleet)).toEqual(want);
  });

  test("is forgotten once no sample can ask for it", () => {
    const fleet = new FleetAddresses(windowMs);
    const note = (atMs: number, addresses: readonly string[]): void => {
      const now = { nowMs: atMs, monotonicMs: atMs };
      const pod = { uid: "a", addresses, createdAtMs: 0 };
      fleet.note(addresses.length > 0 ? [pod] : [], now, () => []);
    };
    note(0, ["10.0.0.1", "fd00::1"]);
    expect([...fleet.spans.keys()]).toEqual(["10.0.0.1", "fd00::1"]);
    for (let atMs = 1; atMs <= 2 * windowMs + 2 * minuteMs; atMs += minuteMs) note(atMs, []);
    expect(fleet.spans.size).toBe(0);
    expect(fleet.vacancies.size).toBe(0);
  });
});
