// What a Lease must be like for an election to have one winner. Held against the one in memory, so
// that it can be believed, and against a real API server, which is the judge.

import { expect, test } from "vitest";
import type { Lease, LeaseRecord, Outcome, StoredLease } from "../../../src/ports.ts";

export interface LeaseWorld {
  /** Of this name, which nobody has used before. */
  open(name: string): Lease;
  /** By somebody else. */
  delete(name: string): Promise<void>;
}

const held: LeaseRecord = {
  holder: "a_1",
  durationMs: 15_000,
  acquiredAtMs: Date.parse("2026-09-01T00:00:00.123Z"),
  renewedAtMs: Date.parse("2026-09-01T00:00:07.456Z"),
  transitions: 4,
};

function valueOf(outcome: Outcome<StoredLease>): StoredLease {
  if (outcome.kind !== "ok") throw new Error(outcome.message);
  return outcome.value;
}

export function testLease(world: () => LeaseWorld): void {
  test("one that is not there is absent, to be read and to be replaced", async () => {
    const lease = world().open("nowhere");
    expect(await lease.read()).toMatchObject({ kind: "absent" });
    const stored = { uid: "u", resourceVersion: "1", record: held };
    expect(await lease.replace(stored, held)).toMatchObject({ kind: "absent" });
  });

  test("one that was created reads as it was written", async () => {
    const lease = world().open("created");
    const created = valueOf(await lease.create(held));
    expect(created.record).toEqual(held);
    expect(await lease.read()).toEqual({ kind: "ok", value: created });
  });

  test("of two that create it one gets a conflict", async () => {
    const lease = world().open("twice");
    const outcomes = await Promise.all([lease.create(held), lease.create(held)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["conflict", "ok"]);
  });

  test("of two that replace the same version one gets a conflict", async () => {
    const lease = world().open("raced");
    const stored = valueOf(await lease.create(held));
    const takers = ["b_1", "c_1"].map((holder) => lease.replace(stored, { ...held, holder }));
    const outcomes = await Promise.all(takers);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["conflict", "ok"]);
    const winner = outcomes.findIndex(({ kind }) => kind === "ok");
    expect(valueOf(await lease.read()).record.holder).toBe(["b_1", "c_1"][winner]);
  });

  test("each version can be replaced once, and stays the same object", async () => {
    const lease = world().open("renewed");
    const first = valueOf(await lease.create(held));
    const second = valueOf(await lease.replace(first, { ...held, renewedAtMs: 1_000 }));
    expect(second.uid).toBe(first.uid);
    expect(second.resourceVersion).not.toBe(first.resourceVersion);
    expect(second.record.renewedAtMs).toBe(1_000);
    expect(await lease.replace(first, held)).toMatchObject({ kind: "conflict" });
    expect(await lease.replace(second, held)).toMatchObject({ kind: "ok" });
  });

  test("one that was released is held by nobody, and can be taken", async () => {
    const lease = world().open("released");
    const stored = valueOf(await lease.create(held));
    const released = valueOf(await lease.replace(stored, { ...held, holder: "" }));
    expect(released.record).toEqual({ ...held, holder: "" });
    expect(valueOf(await lease.read()).record.holder).toBe("");
    expect(await lease.replace(released, { ...held, holder: "b_1" })).toMatchObject({ kind: "ok" });
  });

  test("one that was deleted and made anew is another object", async () => {
    const lease = world().open("reborn");
    const first = valueOf(await lease.create(held));
    await world().delete("reborn");
    expect(await lease.replace(first, held)).toMatchObject({ kind: "absent" });
    const second = valueOf(await lease.create(held));
    expect(second.uid).not.toBe(first.uid);
    expect(await lease.replace(first, held)).toMatchObject({ kind: "conflict" });
  });
}
