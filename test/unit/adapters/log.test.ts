// What a log line looks like, what is never in it, and that nobody need read it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLog } from "../../../src/adapters/log.ts";
import type { LogLevel } from "../../../src/adapters/log.ts";
import { OperatorError } from "../../../src/errors.ts";
import type { Log } from "../../../src/ports.ts";

function linesOf(act: (log: Log) => void, level: LogLevel = "info"): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string): void => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  act(createLog({ level, destination }));
  return lines;
}

test("a line is JSON with time, level, message and fields, those of its parents included", () => {
  const [line] = linesOf((log) => {
    log.child({ controller: "server" }).warn({ attempts: 2 }, "reconcile failed");
  });
  expect(line).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    level: "warn",
    controller: "server",
    attempts: 2,
    message: "reconcile failed",
  });
});

test("what is below the level is not written", () => {
  const lines = linesOf((log) => {
    log.debug({}, "detail");
    log.error({}, "trouble");
  }, "warn");
  expect(lines.map(({ message }) => message)).toEqual(["trouble"]);
});

test("an expected error says what happened, a fault of ours also where", () => {
  const lines = linesOf((log) => {
    const cause = new Error("ECONNREFUSED");
    log.warn({ error: new OperatorError("K8S_UNAVAILABLE", "no answer", { cause }) }, "a");
    log.error({ error: new TypeError("x is undefined") }, "b");
    log.error({ error: "a text" }, "c");
  });
  expect(lines.map(({ error }) => error)).toEqual([
    { message: "no answer", code: "K8S_UNAVAILABLE", cause: "ECONNREFUSED" },
    { message: "x is undefined", stack: expect.stringContaining("log.test") as string },
    { message: "a text" },
  ]);
});

test("passwords and connection strings are cut out", () => {
  const lines = linesOf((log) => {
    log.info({ uri: "postgres://u:hunter2@h/d", target: { password: "hunter2" } }, "a");
  });
  expect(JSON.stringify(lines)).not.toContain("hunter2");
});

test("a reader that is gone (`poolwarden run | head`) does not keep the process from ending", async () => {
  const adapter = join(import.meta.dirname, "..", "..", "..", "src", "adapters", "log.ts");
  const program = `
    import { createLog } from ${JSON.stringify(adapter)};
    const log = createLog({ level: "info" });
    process.on("SIGTERM", () => {
      for (const message of ["stops", "ends"]) log.info({}, message);
      process.exit(0);
    });
    setInterval(() => undefined, 1_000);
    log.info({}, "begins");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 4_000,
    killSignal: "SIGKILL",
  });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  child.stdout.destroy();
  await once(child.stdout, "close");
  child.kill("SIGTERM");
  const [code, signal] = (await exited) as [number | null, string | null];
  expect({ code, signal }).toEqual({ code: 0, signal: null });
});
