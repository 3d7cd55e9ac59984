// Every session of a reading is sorted once: by the address of a pod, by login, or as foreign.

import { expect, test } from "vitest";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import { countOf, sortingOf, split, sumsOf } from "../../../src/domain/supply/session-sorting.ts";
import * as build from "../../support/builders.ts";

test("a reading is split into the pods' own by address and by login, and the others'", () => {
  const pods = build.pods(2, { poolSize: 10, addresses: ["10.0.0.1"] });
  const workloads = [build.aWorkload("web", { pods })];
  const shown = [
    build.sessions(4, { user: "app", address: "10.0.0.1" }),
    build.sessions(21, { user: "app", address: "192.0.2.7" }),
    build.sessions(2),
  ];
  const sample = { atMs: build.startMs, sessions: shown, fleetSlotsBy: heldBy(workloads) };
  const snapshot = build.aSnapshot({
    database: build.aDatabase({
      ...{ sessionSamples: [sample], fleetAddresses: build.ofFleet("10.0.0.1") },
    }),
    policies: [build.aPolicy("orders", { role: "app", spec: { sessions: { match: "Login" } } })],
    workloads,
  });
  const sorting = sortingOf(snapshot);
  const { ofFleet, matched, foreign } = split(sample, sorting);

  expect(countOf(ofFleet)).toBe(4);
  expect(matched.map(({ slots }) => slots)).toEqual([16]);
  expect(countOf(foreign)).toBe(5 + 2);
  expect(sumsOf(sample, sorting).foreignSlots).toBe(7);
});
