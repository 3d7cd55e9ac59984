// How a demo ends before its end: by a signal, and where nobody reads its output any more.
import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { untilStopped } from "../../demo/stopping.ts";

function aDemo(): {
  readonly signals: EventEmitter;
  readonly output: EventEmitter;
  readonly said: string[];
  readonly code: Promise<number>;
} {
  const [signals, output, said] = [new EventEmitter(), new EventEmitter(), [] as string[]];
  const code = untilStopped({ signals, output }, (text) => {
    said.push(text);
  });
  return { signals, output, said, code };
}

test.each([
  { signal: "SIGINT", want: 130 },
  { signal: "SIGTERM", want: 143 },
])("$signal ends it with $want, and it says so", async ({ signal, want }) => {
  const { signals, said, code } = aDemo();
  signals.emit(signal);
  expect(await code).toBe(want);
  expect(said).toEqual(["demo: stopping, and taking everything down"]);
});

test("a reader that goes away ends it in silence, however much is written after that", async () => {
  const { output, said, code } = aDemo();
  output.emit("error", new Error("write EPIPE"));
  output.emit("error", new Error("write EPIPE"));
  expect(await code).toBe(0);
  expect(said).toEqual([]);
});
