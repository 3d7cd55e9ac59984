// What a person sees: a view that is drawn in place in a terminal, and plain lines anywhere else.
import { describe, expect, test } from "vitest";
import { renderBar } from "../../demo/bar.ts";
import { formatTime, renderFrame, renderLine } from "../../demo/frame.ts";
import type { View } from "../../demo/frame.ts";
import { summarisePods } from "../../demo/pods.ts";
import { openScreen } from "../../demo/screen.ts";
import { pod } from "./demo-objects.ts";

const view: View = {
  act: "Act 1",
  elapsedMs: 65_400,
  limit: 200,
  sessions: 150,
  byService: new Map([["web", 140]]),
  peak: 199,
  refused: 12,
  services: summarisePods([
    pod({ service: "web", size: "50" }),
    pod({ service: "web", size: "50", terminating: true }),
  ]),
};

describe("a bar", () => {
  test.each([
    { name: "empty", used: 0, wantBar: "░░░░░░░░" },
    { name: "hardly used", used: 1, wantBar: "█░░░░░░░" },
    { name: "a quarter", used: 50, wantBar: "██░░░░░░" },
    { name: "full", used: 200, wantBar: "████████" },
    { name: "beyond the limit", used: 300, wantBar: "████████" },
  ])("is $name", ({ used, wantBar }) => {
    expect(renderBar(used, 200, 8)).toBe(wantBar);
  });
});

describe("the view", () => {
  test("tells sessions, limit, peak, refusals and sizes", () => {
    const lines = renderFrame(view, 45).join("\n");
    expect(lines).toContain("Act 1  1:05");
    expect(lines).toContain("150 of 200");
    expect(lines).toContain("peak 199, logins refused 12");
    expect(lines).toContain("web      1 pods × 50, 1 leaving: 140 sessions");
  });

  test.each([20, 45, 80, 200])("never passes the terminal's %i columns", (columns) => {
    expect(Math.max(...renderFrame(view, columns).map((line) => line.length))).toBeLessThanOrEqual(
      columns,
    );
  });

  test("fits into one line", () => {
    expect(renderLine(view)).toBe("  1:05  150 of 200 sessions, refused 12; web 1 pods × 50");
  });

  test.each([
    { milliseconds: 0, wantTime: "0:00" },
    { milliseconds: 59_999, wantTime: "0:59" },
    { milliseconds: 600_000, wantTime: "10:00" },
  ])("says $wantTime", ({ milliseconds, wantTime }) => {
    expect(formatTime(milliseconds)).toBe(wantTime);
  });
});

describe("a screen", () => {
  function capture(isTTY: boolean): { texts: string[]; screen: ReturnType<typeof openScreen> } {
    const texts: string[] = [];
    const screen = openScreen({ isTTY, columns: 80, write: (text) => texts.push(text) });
    return { texts, screen };
  }

  test("that is no terminal gets no control characters, and the view only now and then", () => {
    const { texts, screen } = capture(false);
    screen.say("hello");
    for (let elapsedMs = 0; elapsedMs <= 10_000; elapsedMs += 100)
      screen.show({ ...view, elapsedMs });
    screen.clear();
    expect(texts).toHaveLength(4);
    expect(texts.join("")).not.toContain("\x1b");
  });

  test("that is a terminal takes back as many lines as it has drawn", () => {
    const { texts, screen } = capture(true);
    const drawn = renderFrame(view, 79).length;
    screen.show(view);
    screen.say("hello");
    screen.clear();
    expect(texts[0]).not.toContain("\x1b");
    expect(texts[1]?.startsWith(`\x1b[${drawn}A\x1b[0Jhello\n`)).toBe(true);
    expect(texts[2]).toBe(`\x1b[${drawn}A\x1b[0J`);
    screen.say("after");
    expect(texts[3]).toBe("after\n");
  });
});
