// What is written, in which order, and above all what is not.
import { describe, expect, it } from "vitest";
import { plan } from "../../src/domain/decide/plan.ts";
import type { Plan } from "../../src/domain/decide/plan.ts";
import type { ObservedObject } from "../../src/observed.ts";
import type { Outcome } from "../../src/ports.ts";
import { apply } from "../../src/reconcile/apply/apply.ts";
import { PassingFailures } from "../../src/reconcile/apply/attempts.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../support/builders.ts";
import { applierOn, stored } from "../support/applier.ts";
import { aDeployment } from "../support/memory-world/world.ts";

const running = new AbortController().signal;

/** Five pods of 50 on a server with 200: the grant shrinks; a roll is due once it has settled. */
function planOf(change: { readonly status?: object; readonly resourceVersion?: string }): Plan {
  const policy = aPolicy("orders", change);
  const workload = aWorkload("web", { pods: pods(5, { poolSize: 50 }) });
  return plan(aSnapshot({ policies: [policy], workloads: [workload] }), startMs);
}

const { uid, generation, replicas } = aWorkload("web", { pods: pods(2, { poolSize: 5 }) });
/** As the roll was decided on. */
const live = { ...aDeployment("web", startMs), uid, generation, replicas };

/** A roll of shop is due, its grant long published; another policy has a status to write. */
function planWithRoll(namespace = "bank"): Plan {
  const grown = { grant: aGrant(40), pods: pods(2, { poolSize: 5 }) };
  const spec = {
    stability: { cooldown: "1s" },
    workloads: [{ name: "web", poolSize: { max: 40 } }],
  };
  const decision = plan(
    aSnapshot({
      policies: [aPolicy("ledger", { namespace }), aPolicy("orders", { spec })],
      workloads: [aWorkload("web", { ...grown, sizing: { ceiling: 40 } })],
    }),
    startMs,
  );
  expect(decision.rolls.roll?.position.workload.key).toBe("shop/Deployment/web");
  return decision;
}

describe("a status", () => {
  it("is written when it says something new, and not when it is there", async () => {
    const applier = applierOn({});
    const { statuses } = await apply(applier, planOf({}), running);
    expect(statuses).toHaveLength(1);

    const status = applier.writes.statuses[0] ?? {};
    await apply(applier, planOf({ status, resourceVersion: "2" }), running);

    expect(applier.writes.statuses).toHaveLength(1);
  });

  it("is not written again where an older CRD has cut it", async () => {
    const applier = applierOn({});
    await apply(applier, planOf({}), running);
    const cut = { ...applier.writes.statuses[0] };
    delete cut.workloads;

    for (let look = 0; look < 3; look++) {
      await apply(applier, planOf({ status: cut, resourceVersion: "2" }), running);
    }

    expect(applier.writes.statuses).toHaveLength(1);
  });

  it("is written again where somebody else has changed it since", async () => {
    const applier = applierOn({});
    await apply(applier, planOf({}), running);

    await apply(applier, planOf({ status: {}, resourceVersion: "3" }), running);

    expect(applier.writes.statuses).toHaveLength(2);
  });

  it("that was refused ends the run: no roll is begun on it", async () => {
    const message = "the object has been modified";
    const conflict = { kind: "conflict", message, managers: [] } as const;
    const applier = applierOn({ writeStatus: () => Promise.resolve(conflict) });

    const { failures, roll } = await apply(applier, planOf({}), running);

    expect(failures).toMatchObject([{ what: "status", failure: { kind: "conflict" } }]);
    expect(roll).toBe(undefined);
    expect(applier.writes.applies).toEqual([]);
  });

  it.each([
    { name: "a conflict", kind: "conflict", message: "modified", managers: [] },
    { name: "no answer", kind: "unavailable", message: "no answer" },
  ] as const)("of another namespace holds no roll back: $name", async ({ name, ...failure }) => {
    expect(name).toBeDefined();
    const applier = applierOn({
      writeStatus: (policy) => Promise.resolve(policy === "bank/ledger" ? failure : stored("2")),
      readWorkload: () => Promise.resolve({ kind: "ok", value: live }),
    });

    const { roll, failures } = await apply(applier, planWithRoll(), running);

    expect(failures).toMatchObject([{ policy: { key: "bank/ledger" } }]);
    expect(roll?.position.workload.key).toBe("shop/Deployment/web");
  });

  it.each([
    { name: "a conflict", kind: "conflict", message: "modified", managers: [], isHeld: true },
    { name: "no answer", kind: "unavailable", message: "no answer", isHeld: true },
    { name: "not a refusal", kind: "invalid", message: "too large", isHeld: false },
  ] as const)("of another policy of its namespace holds a roll back: $name", async (row) => {
    const { name, isHeld, ...failure } = row;
    expect(name).toBeDefined();
    const applier = applierOn({
      writeStatus: (policy) => Promise.resolve(policy === "shop/ledger" ? failure : stored("2")),
      readWorkload: () => Promise.resolve({ kind: "ok", value: live }),
    });

    const { roll, failures } = await apply(applier, planWithRoll("shop"), running);

    expect(failures).toMatchObject([{ policy: { key: "shop/ledger" } }]);
    expect(roll === undefined).toBe(isHeld);
  });

  it("that took long has the roll decided again, and the next decision comes soon", async () => {
    let nowMs = 0;
    const slow = applierOn({
      writeStatus: () => {
        nowMs += 2_000;
        return Promise.resolve(stored("2"));
      },
    });
    const clock = { monotonicMs: () => nowMs };

    const { roll, retryAfterMs } = await apply({ ...slow, clock }, planWithRoll(), running);

    expect(roll).toBeUndefined();
    expect(slow.writes.applies).toEqual([]);
    expect(retryAfterMs).toBe(250);
  });

  it("of one namespace that fails makes no write of another wait longer", () => {
    const failures = new PassingFailures();
    for (let looks = 0; looks < 4; looks++) failures.note("db:5432", new Set(["bank"]));

    const retriesMs = ["bank", "shop"].map((one) => failures.retryMs("db:5432", one));

    expect(retriesMs).toEqual([15_000, 1_000]);
  });

  it("that does not go through is tried again later each time, up to 15 s, until one does", async () => {
    const unavailable = { kind: "unavailable", message: "no answer" } as const;
    let answer: Outcome<ObservedObject> = unavailable;
    const applier = applierOn({ writeStatus: () => Promise.resolve(answer) });
    const delays: (number | undefined)[] = [];
    const look = async (): Promise<void> => {
      delays.push((await apply(applier, planOf({}), running)).retryAfterMs);
    };

    for (let looks = 0; looks < 6; looks++) await look();
    answer = stored("2");
    await look();
    answer = unavailable;
    await look();

    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, undefined, 1_000]);
  });

  it("is not begun once the process is asked to end", async () => {
    const applier = applierOn({});

    await apply(applier, planOf({}), AbortSignal.abort());

    expect(applier.writes).toEqual({ statuses: [], applies: [] });
  });
});
