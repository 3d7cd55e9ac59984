// The short form of `make chaos`: one event of each kind and a few more, on the real parts.
import { tmpdir } from "node:os";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { runChaos } from "../chaos/run.ts";
import { BUDGET } from "../chaos/services.ts";

const EVENTS = 12;
const SEED = 1;
const STILL_MS = 8_000;

let logFolder: string;

beforeAll(async () => {
  logFolder = await mkdtemp(join(tmpdir(), "poolwarden-chaos-logs-"));
});

afterAll(async () => {
  await rm(logFolder, { recursive: true });
});

test("kills, cuts, scaling and deploys never take the fleet over the budget", async () => {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
  };
  onTestFailed(() => {
    console.log(lines.join("\n"));
  });

  const verdict = await runChaos({ events: EVENTS, seed: SEED, stillMs: STILL_MS, say, logFolder });

  const { violations, refused, convergedMs, peakSessions, looks } = verdict;
  expect({ violations, refused }).toEqual({ violations: [], refused: 0 });
  expect(convergedMs).toBeDefined();
  // Somebody did look, and there was something to see.
  expect(looks).toBeGreaterThan(EVENTS);
  expect(peakSessions).toBeGreaterThan(BUDGET / 3);
}, 600_000);
