// The short form of `make leader-kills`: a leader that is killed, one that is stopped and woken,
// and one that is cut off, while the services scale and deploy.
import { tmpdir } from "node:os";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runLeaderKills } from "../leader-kills/run.ts";
import { SHORT_TIMES } from "../leader-kills/times.ts";

const KILLS = 3;
const SEED = 3;

let logFolder: string;

beforeAll(async () => {
  logFolder = await mkdtemp(join(tmpdir(), "poolwarden-leader-kills-logs-"));
});

afterAll(async () => {
  await rm(logFolder, { recursive: true });
});

test("lost leaders never make two writers, nor take the fleet over the budget", async () => {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
  };

  const options = { kills: KILLS, seed: SEED, times: SHORT_TIMES, say, logFolder };
  const verdict = await runLeaderKills(options);

  const { intrusions, violations, refused, losses, takeOvers, writes, looks } = verdict;
  const wanted = { intrusions: [], violations: [], refused: 0 };
  expect({ intrusions, violations, refused }, lines.join("\n")).toEqual(wanted);
  expect(losses.map(({ way }) => way)).toEqual(["kill", "stop", "freeze"]);
  // Somebody did look, and there was something to see.
  expect(takeOvers.length).toBeGreaterThanOrEqual(KILLS);
  expect(writes).toBeGreaterThan(KILLS);
  expect(looks).toBeGreaterThan(KILLS);
}, 600_000);
