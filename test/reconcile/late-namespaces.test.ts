// How long others wait for a namespace whose large objects are still to be read: 30 s at most in
// any 10 min, whatever its tenant does.

import { expect, test } from "vitest";
import type { HoldScene } from "../../src/reconcile/memory/bounded-holds.ts";
import { LateNamespaces } from "../../src/reconcile/memory/late-namespaces.ts";

const [secondMs, minuteMs] = [1_000, 60_000];

function at(monotonicMs: number): HoldScene {
  return { server: "db:5432", namespaceQuotas: [], monotonicMs };
}

function scene(): { readonly unread: Map<string, number>; readonly late: LateNamespaces } {
  const unread = new Map<string, number>();
  return { unread, late: new LateNamespaces(() => unread) };
}

test("an object is late 5 s after it has changed, and holds others for 30 s", () => {
  const { unread, late } = scene();
  const jobs = new Set(["jobs"]);
  unread.set("jobs", 0);
  expect(late.among(jobs, at(5 * secondMs))).toEqual([]);
  expect(late.among(jobs, at(6 * secondMs))).toEqual([{ namespace: "jobs", isHold: true }]);
  expect(late.among(jobs, at(35 * secondMs))).toEqual([{ namespace: "jobs", isHold: true }]);
  expect(late.among(jobs, at(36 * secondMs))).toEqual([{ namespace: "jobs", isHold: false }]);
  unread.clear();
  expect(late.among(jobs, at(37 * secondMs))).toEqual([]);
});

test("those of other servers are not asked for", () => {
  const { unread, late } = scene();
  unread.set("jobs", 0).set("b", 0).set("a", 0);
  const names = late.among(new Set(["b", "a"]), at(minuteMs)).map(({ namespace }) => namespace);
  expect(names).toEqual(["a", "b"]);
});

test("who has late objects without end, or again and again, holds others 30 s of 10 min", () => {
  const { unread, late } = scene();
  let heldMs = 0;
  for (let nowMs = 0; nowMs < 60 * minuteMs; nowMs += secondMs) {
    // Read for a moment each minute, and late again 6 s after.
    if (nowMs % minuteMs === 0) unread.set("jobs", nowMs);
    if (late.among(new Set(["jobs"]), at(nowMs)).some(({ isHold }) => isHold)) heldMs += secondMs;
  }
  expect(heldMs).toBeGreaterThan(0);
  expect(heldMs).toBeLessThanOrEqual(6 * 30 * secondMs);
});

test("who has many namespaces with late objects holds others no longer", () => {
  const { unread, late } = scene();
  const all = new Set(Array.from({ length: 20 }, (_, index) => `t${index}`));
  let heldMs = 0;
  for (let nowMs = 0; nowMs < 10 * minuteMs; nowMs += secondMs) {
    unread.clear();
    unread.set(`t${Math.floor(nowMs / (30 * secondMs)) % 20}`, nowMs - 6 * secondMs);
    if (late.among(all, at(nowMs)).some(({ isHold }) => isHold)) heldMs += secondMs;
  }
  expect(heldMs).toBe(30 * secondMs);
});
