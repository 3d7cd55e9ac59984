// Nobody is told more of foreign sessions than a login of his own namespace is shown, whoever else
// has a login on the server, and under whichever name.

import fc from "fast-check";
import { expect, test } from "vitest";
import { plan } from "../../src/domain/decide/plan.ts";
import type { Sight } from "../../src/domain/facts/session-facts.ts";
import { statusOf } from "../../src/domain/explain/status.ts";
import { aDatabase, aPolicy, aSnapshot, sessions, startMs } from "../support/builders.ts";

const users = ["ulla", "viktor", "wanda"];
const names = ["real", "liar"];
const group = fc
  .record({
    count: fc.integer({ min: 1, max: 20 }),
    user: fc.constantFrom(...users),
    address: fc.constantFrom("10.7.7.7", "10.8.8.8"),
  })
  .map(({ count, ...more }) => sessions(count, { applicationName: "job", ...more }));
const sample = fc.record({
  name: fc.constantFrom(...names),
  atMs: fc.constant(startMs),
  sessions: fc.array(group, { maxLength: 4 }),
});
const sight: fc.Arbitrary<Sight> = fc.record({
  namespace: fc.constantFrom("shop", "other"),
  name: fc.constantFrom(...names),
  role: fc.constantFrom(...users),
  seesAllSessions: fc.boolean(),
});

test("a status names no session beyond what logins of its namespace are shown", () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 3 }), fc.array(sight, { maxLength: 3 }), check),
  );
});

function check(
  sessionSamples: readonly (typeof sample extends fc.Arbitrary<infer T> ? T : never)[],
  sights: readonly Sight[],
): void {
  const policy = aPolicy();
  const database = aDatabase({ sessionSamples, sights });
  const { ledger, findings } = statusOf(plan(aSnapshot({ database }), startMs), policy);
  const own = sights.filter(({ namespace }) => namespace === "shop");
  const isShown = (who: string): boolean =>
    sessionSamples.some(({ name, sessions: shown }) =>
      shown.some(({ user, address }) =>
        own.some((one) => {
          if (one.name !== name || !who.includes(`by ${user} `)) return false;
          if (who.endsWith("an unseen address")) return true;
          return (one.seesAllSessions || one.role === user) && who.endsWith(`from ${address}`);
        }),
      ),
    );
  const text = [...(ledger ?? []), ...(findings ?? []).map(({ message }) => message)].join("\n");
  for (const [who] of text.matchAll(/job by \w+ from (?:[\d.]+|an unseen address)/g)) {
    expect(isShown(who), who).toBe(true);
  }
  for (const user of users) {
    if (own.length === 0) expect(text).not.toContain(user);
  }
}
