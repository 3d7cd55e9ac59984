// What comes of a roll, and how long the next one waits after it brought nothing; what is done
// about it stands with the other obstacles (obstacles.test.ts).

import { expect, test } from "vitest";
import {
  noEffectRetryMs,
  lastRollHadNoEffect,
} from "../../../src/domain/decide/rolls-without-effect.ts";
import { aGrant, anOwnSize, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

test.each([
  { times: 0, wantMs: 60_000 },
  { times: 3, wantMs: 480_000 },
  { times: 30, wantMs: 3_600_000 },
])("after $times times in a row: $wantMs ms", ({ times, wantMs }) => {
  expect(noEffectRetryMs(times)).toBe(wantMs);
});

test.each([
  { name: "pods of ours of the size that it was for", pod: { poolSize: 6 }, want: false },
  { name: "pods that started without a size of ours", pod: { sized: false }, want: true },
  { name: "larger pods", pod: { poolSize: 9 }, want: true },
  {
    name: "pods without a limit, whatever they count as",
    pod: { own: { ...anOwnSize(5), unlimited: true as const } },
    want: true,
  },
])("$name", ({ pod, want }) => {
  const rolledAtMs = startMs - 60_000;
  const own = pods(1, { poolSize: 6, createdAtMs: rolledAtMs, ...pod });
  const position = aPosition(aWorkload("web", { rolledAtMs, pods: own, grant: aGrant(6) }));
  expect(lastRollHadNoEffect(position, 6)).toBe(want);
});
