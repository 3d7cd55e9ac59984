// After a start nobody decides before it is known which names mean one server.

import { describe, expect, test } from "vitest";
import { StartupGate } from "../../src/reconcile/resolve/startup-gate.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { aReading, aSource, aSpec } from "../support/builders.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const connection = { uri: "postgresql://app@db/app", ca: undefined };

function bookOf(...servers: readonly string[]): PolicyBook {
  const book = new PolicyBook();
  for (const server of servers) {
    const base = {
      key: `shop/${server}`,
      namespace: "shop",
      source: aSource,
      spec: aSpec(),
      server,
    };
    const isDeclared = server === "declared";
    const login = isDeclared ? undefined : connection;
    const nothing = { role: undefined, database: undefined, failure: undefined };
    book.set({ ...base, ...nothing, connection: login });
  }
  return book;
}

describe("the startup gate", () => {
  test("is over when every server that can be asked was, whatever it said", () => {
    const [book, readings] = [bookOf("a", "b", "declared"), new Readings()];
    const gate = new StartupGate(new VirtualClock());
    expect(gate.isOver({ book, readings, policies: [] })).toBe(false);
    readings.record("a", { kind: "read", reading: aReading() }, 0);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(false);
    readings.record("b", { kind: "failed", reason: "DatabaseTimeout", message: "" }, 0);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(true);
    expect(gate.isOver({ book: bookOf("a", "b", "new"), readings, policies: [] })).toBe(true);
  });

  test("is over after ten seconds, though one does not answer", async () => {
    const [book, readings, clock] = [bookOf("a"), new Readings(), new VirtualClock()];
    const gate = new StartupGate(clock);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(false);
    await clock.advance(9_999);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(false);
    await clock.advance(1);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(true);
  });

  test("takes no look at thousands of servers each time that one of them asks", async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `s-${index}`);
    const [book, readings, clock] = [bookOf(...names), new Readings(), new VirtualClock()];
    const gate = new StartupGate(clock);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(false);
    for (const name of names) readings.record(name, { kind: "read", reading: aReading() }, 0);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(false);
    await clock.advance(10);
    expect(gate.isOver({ book, readings, policies: [] })).toBe(true);
  });

  const policyOf = (uid: string): { key: string; uid: string; deleting: boolean } => {
    return { key: `shop/${uid}`, uid, deleting: false };
  };

  test("waits for the policies that were there at the start, and for none that is made meanwhile", () => {
    const [book, readings] = [new PolicyBook(), new Readings()];
    const gate = new StartupGate(new VirtualClock());
    expect(gate.isOver({ book, readings, policies: [policyOf("a")] })).toBe(false);
    const policies = [policyOf("a"), policyOf("new")];
    expect(gate.isOver({ book, readings, policies })).toBe(false);
    book.see("shop/a");
    expect(gate.isOver({ book, readings, policies })).toBe(true);
  });

  test("waits for a policy that nobody can look at for half a minute, and then for readings", async () => {
    const [book, readings, clock] = [bookOf("a"), new Readings(), new VirtualClock()];
    const gate = new StartupGate(clock);
    const policies = [policyOf("slow")];
    expect(gate.isOver({ book, readings, policies })).toBe(false);
    await clock.advance(30_000);
    expect(gate.isOver({ book, readings, policies })).toBe(false);
    await clock.advance(10_000);
    expect(gate.isOver({ book, readings, policies })).toBe(true);
  });
});
