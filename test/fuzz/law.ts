// What must hold of a reading, whatever the server does: it ends as a value, within its limit, and
// the event loop goes on meanwhile. How long the loop was blocked is measured in CPU time of its
// thread, so that a busy machine is not taken for a fault.

import type { DatabaseOutcome } from "../../src/ports.ts";
import type { Random } from "../../src/ports.ts";
import { type Script, startHostileServer } from "./hostile-server.ts";

/** One kind of database server. Each engine brings its grammar; the law is the same for all. */
export interface Engine {
  readonly name: string;
  /** Draws what a server sends; `frames` counts the messages in it. */
  draw(random: Random): { readonly script: Script; readonly frames: number };
  /** One reading of a server at this port of 127.0.0.1, with limits of `limitMs` altogether. */
  read(port: number): Promise<DatabaseOutcome>;
  readonly limitMs: number;
}

/** A single turn of the loop may use so much. */
const maxBlockedCpuMs = 300;
/** Beyond its limit, for a machine that does other things meanwhile. */
const patienceMs = 30_000;

/** Undefined, or what was broken. An exception that nobody catches ends the process: so be it. */
export async function judge(engine: Engine, script: Script): Promise<string | undefined> {
  await using server = await startHostileServer(script);
  const loop = watchLoop();
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => {
    late.resolve("late");
  }, engine.limitMs + patienceMs);
  const outcome = await Promise.race([engine.read(server.port), late.promise]);
  clearTimeout(timer);
  const blockedMs = loop.stop();
  if (outcome === "late") return "no outcome within the limit";
  if (blockedMs > maxBlockedCpuMs) return `the loop was blocked for ${blockedMs} ms of CPU time`;
  return problemOf(outcome);
}

function problemOf(outcome: DatabaseOutcome): string | undefined {
  if (outcome.kind === "read") return undefined;
  const { message } = outcome;
  if (message.length > 1_000) return `a message of ${message.length} characters`;
  return /\p{Cc}/u.test(message) ? "a message with control characters" : undefined;
}

function watchLoop(): { stop(): number } {
  let mostMs = 0;
  let last = process.threadCpuUsage();
  const look = (): void => {
    const used = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    mostMs = Math.max(mostMs, (used.user + used.system) / 1000);
  };
  const timer = setInterval(look, 1);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return Math.round(mostMs);
    },
  };
}
