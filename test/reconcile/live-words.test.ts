// Which pools stay live while readings cannot tell their sessions by pod, and for how long.

import { beforeEach, expect, test } from "vitest";
import type { PoolFacts } from "../../src/domain/facts/facts.ts";
import { LiveWords } from "../../src/reconcile/memory/live-words.ts";
import { aWorkload } from "../support/builders.ts";

const dayMs = 24 * 3_600_000;
const server = "db.shop.svc:5432";

let words: LiveWords;

beforeEach(() => {
  words = new LiveWords();
});

function poolOf(more: Partial<PoolFacts> = {}): PoolFacts {
  return aWorkload("web", { resize: "Live", ...more });
}

/** It was looked at, and is live; by its own sessions where it `isTold`. */
function look(atMs: number, more: Partial<PoolFacts> = {}, isTold = false): void {
  const pool = poolOf(more);
  const told = new Set(isTold ? [pool.poolKey] : []);
  words.note(server, { pools: [pool], proofs: new Map(), told }, atMs);
}

const inDoubt = { live: true, isLiveInDoubt: true } as const;

test("one that has never shown its own sessions does not stay live", () => {
  expect(words.staysLive(server, poolOf(), 0)).toBe(false);
  look(0, { live: true });
  expect(words.staysLive(server, poolOf(), 1)).toBe(false);
});

test("one that has shown them stays live for a day of doubt, and not longer", () => {
  look(0, { live: true }, true);
  look(1_000, inDoubt);
  look(2_000, inDoubt);
  expect(words.staysLive(server, poolOf(), 999 + dayMs)).toBe(true);
  expect(words.staysLive(server, poolOf(), 1_000 + dayMs)).toBe(false);
});

test("each doubt is counted by itself", () => {
  look(0, { live: true }, true);
  look(1_000, inDoubt);
  look(2_000, { live: true });
  look(3_000, inDoubt);
  expect(words.staysLive(server, poolOf(), 2_999 + dayMs)).toBe(true);
});

test("an operator that has just started believes the last status", () => {
  expect(words.staysLive(server, poolOf({ wasLive: true }), 0)).toBe(true);
  look(0, { ...inDoubt, wasLive: true });
  expect(words.staysLive(server, poolOf({ wasLive: true }), dayMs - 1)).toBe(true);
  expect(words.staysLive(server, poolOf({ wasLive: true }), dayMs)).toBe(false);
});

test("one that is not live any more has to show its sessions again", () => {
  look(0, { live: true }, true);
  look(1_000);
  look(2_000, { live: true });
  expect(words.staysLive(server, poolOf(), 2_001)).toBe(false);
});
