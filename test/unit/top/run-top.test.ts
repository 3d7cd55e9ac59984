// `poolwarden top` from its first look to its end, on a terminal and a clock that tests turn.
import { describe, expect, it } from "vitest";
import { OperatorError } from "../../../src/errors.ts";
import type { ObservedPolicy } from "../../../src/observed.ts";
import type { Terminal } from "../../../src/top/terminal.ts";
import { runTop, type TopParts } from "../../../src/top/run-top.ts";
import { firstState } from "../../../src/top/screen-state.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function aPolicy(server: string): ObservedPolicy {
  const status = { server, maxConnections: 100, budget: 80, used: 30, ledger: [] };
  const identity = { key: "shop/orders", uid: "1", resourceVersion: "1" };
  const named = { namespace: "shop", name: "orders", generation: 1, spec: {}, deleting: false };
  return { ...identity, ...named, status };
}

/** Answers one look after the other; the last one for ever. */
function policiesOf(...looks: readonly (string | Error)[]): TopParts["policies"] {
  const left = [...looks];
  return {
    async *list() {
      const look = (left.length > 1 ? left.shift() : left[0]) ?? "";
      if (look instanceof Error) throw look;
      yield await Promise.resolve({ objects: [aPolicy(look)], resourceVersion: "1" });
    },
  };
}

class FakeTerminal implements Terminal {
  readonly isInteractive: boolean;
  readonly screens: string[] = [];
  written = "";
  isOpen = false;
  press: (key: string) => void = () => undefined;

  constructor(isInteractive: boolean) {
    this.isInteractive = isInteractive;
  }

  size(): { columns: number; rows: number } {
    return { columns: 100, rows: 20 };
  }

  write(text: string): void {
    this.written += text;
  }

  open({ onKey }: { onKey: (key: string) => void }): () => void {
    this.isOpen = true;
    this.press = onKey;
    return () => {
      this.isOpen = false;
    };
  }

  draw(lines: readonly string[]): void {
    this.screens.push(lines.join("\n"));
  }
}

const unavailable = new OperatorError("K8S_UNAVAILABLE", "no answer");

describe("poolwarden top", () => {
  it("writes once where there is no terminal", async () => {
    const terminal = new FakeTerminal(false);
    const policies = policiesOf("db:5432");

    await runTop({ policies, terminal, clock: new VirtualClock(), state: firstState });

    expect(terminal.written).toContain("db:5432");
    expect(terminal.screens).toEqual([]);
  });

  it("throws what the first look throws, and leaves the terminal as it is", async () => {
    const terminal = new FakeTerminal(true);
    const policies = policiesOf(unavailable);

    const running = runTop({ policies, terminal, clock: new VirtualClock(), state: firstState });

    await expect(running).rejects.toThrow("no answer");
    expect(terminal.isOpen).toBe(false);
  });

  it("looks again every two seconds, and says what it shows is old while that fails", async () => {
    const terminal = new FakeTerminal(true);
    const clock = new VirtualClock();
    const policies = policiesOf("first:5432", unavailable, "second:5432");

    const running = runTop({ policies, terminal, clock, state: firstState });
    await clock.advance(1);
    expect(terminal.screens.at(-1)).toContain("first:5432");
    await clock.advance(2_000);
    expect(terminal.screens.at(-1)).toMatch(/^not up to date: no answer\n.*first:5432/s);
    await clock.advance(2_000);
    expect(terminal.screens.at(-1)).not.toContain("not up to date");
    expect(terminal.screens.at(-1)).toContain("second:5432");

    terminal.press("q");
    await running;
    expect(terminal.isOpen).toBe(false);
  });

  it("a key counts at once", async () => {
    const terminal = new FakeTerminal(true);
    const clock = new VirtualClock();
    const running = runTop({ policies: policiesOf("a:1"), terminal, clock, state: firstState });
    await clock.advance(1);

    terminal.press("r");
    expect(terminal.screens.at(-1)).toContain("sorted by SLOTS, reversed");

    terminal.press("q");
    await running;
  });
});
