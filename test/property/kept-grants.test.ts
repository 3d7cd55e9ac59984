// A grant outlives the moment in which its workload changes hands: as long as a pod could start
// without another one in force, it is kept.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Grant } from "../../src/api/poolpolicy.ts";
import { isoTime } from "../../src/domain/words/iso-time.ts";
import { type Heir, keptGrant } from "../../src/reconcile/observe/hand-over.ts";
import { anOwnSize, aPolicy, aWorkload, startMs } from "../support/builders.ts";

const name = "Deployment/web";
const cooldownMs = 300_000;

function aGrantOf(poolSize: number, settledAtMs: number): Grant {
  const settledAt = new Date(settledAtMs).toISOString();
  return { container: "app", poolSize, env: [], settledAt };
}

const settlesInMs = fc.integer({ min: -10_000, max: 10_000 });

/** One that has the workload now: whether, and from when on, its own way sizes the next pod. */
interface Case {
  readonly heir: Heir;
  readonly readyAtMs: number;
}

const byAdmission: fc.Arbitrary<Case> = fc
  .option(settlesInMs, { nil: undefined })
  .map((inMs): Case => {
    const grants = inMs === undefined ? {} : { [name]: aGrantOf(4, startMs + inMs) };
    const policy = aPolicy("heir", { status: { delivery: "Admission", grants } });
    const readyAtMs = inMs === undefined ? Infinity : startMs + inMs;
    return { heir: { policy, workload: aWorkload() }, readyAtMs };
  });

const byTemplate: fc.Arbitrary<Case> = fc
  .record({
    template: fc.integer({ min: 1, max: 8 }).map(anOwnSize),
    templateIsWhole: fc.boolean(),
    rollingOut: fc.boolean(),
  })
  .map((facts): Case => {
    const policy = aPolicy("heir", { delivery: "Template" });
    const { template, templateIsWhole, rollingOut } = facts;
    const isInForce = templateIsWhole && !rollingOut && template.poolSize <= 4;
    const readyAtMs = isInForce ? 0 : Infinity;
    return { heir: { policy, workload: aWorkload("web", facts) }, readyAtMs };
  });

const heirs = fc.array(fc.oneof(byAdmission, byTemplate), { minLength: 1, maxLength: 3 });
const keptForMs = fc.option(fc.nat(2 * cooldownMs), { nil: undefined });

/** Kept since then, if it was kept before. */
function grantKeptFor(agoMs: number | undefined): Grant {
  const grant = aGrantOf(4, 0);
  return agoMs === undefined ? grant : { ...grant, keptSince: isoTime(startMs - agoMs) };
}

const terms = { cooldownMs, nowMs: startMs, isUnread: false };

describe("a grant of a workload that its policy has no more is kept", () => {
  test("while the workload is gone and pods of it end, and for the cooldown in any case", () => {
    fc.assert(
      fc.property(keptForMs, fc.boolean(), (agoMs, hasPods) => {
        const successor = { exists: false, hasPods, heirs: [] };
        const { untilMs } = keptGrant(name, grantKeptFor(agoMs), successor, terms);
        const endMs = startMs - (agoMs ?? 0) + cooldownMs;
        // A time is written in whole seconds.
        expect(untilMs).toBeGreaterThan(hasPods ? Number.MAX_VALUE : endMs - 1_000);
      }),
    );
  });

  test("while the server cannot be read, because the workload may come back with its template", () => {
    fc.assert(
      fc.property(keptForMs, fc.boolean(), (agoMs, hasPods) => {
        const successor = { exists: false, hasPods, heirs: [] };
        const unread = { ...terms, isUnread: true };
        const { untilMs } = keptGrant(name, grantKeptFor(agoMs), successor, unread);
        expect(untilMs).toBe(Infinity);
      }),
    );
  });

  test("until somebody who has the workload now gives its next pod no more", () => {
    fc.assert(
      fc.property(keptForMs, heirs, (agoMs, cases) => {
        const successor = { exists: true, hasPods: true, heirs: cases.map(({ heir }) => heir) };
        const { untilMs } = keptGrant(name, grantKeptFor(agoMs), successor, terms);
        expect(untilMs).toBe(Math.min(...cases.map(({ readyAtMs }) => readyAtMs)));
      }),
    );
  });
});
