// Ten thousand messages of lying servers of each engine, in a process of its own: what ends or
// hangs a process cannot be told by a test that runs in it.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { engines } from "./engines.ts";

const limitMs = 120_000;

test(
  "no server ends, hangs, fills or slows the process that reads it",
  { timeout: 2 * limitMs },
  async () => {
    const seed = String(Math.floor(Math.random() * 1e9));
    const environment = { ...process.env, FRAMES: "10000", SEED: seed };
    const ended = await promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, "main.ts")],
      { env: environment, timeout: limitMs, killSignal: "SIGKILL", maxBuffer: 1e8 },
    ).catch((error: unknown) => error as { stdout: string; stderr: string });
    const said = `${ended.stdout}${ended.stderr}`.split("\n").slice(-30).join("\n");
    console.log(`SEED=${seed} FRAMES=10000`);
    expect(said).not.toContain("BROKEN");
    const sum = new RegExp(`fuzz: ${engines.length}\\d{4} messages, \\d+ servers, 0 broken`);
    expect(said).toMatch(sum);
  },
);
