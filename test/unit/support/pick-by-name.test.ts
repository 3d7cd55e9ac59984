// A mistyped ONLY must not look like a run in which all is well.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pickByName } from "../../support/pick-by-name.ts";

const list = [{ name: "two rolls at once" }, { name: "a field that is not ours" }];

test.each([
  { text: undefined, want: list },
  { text: "", want: list },
  { text: "rolls", want: [list[0]] },
])("ONLY=$text picks $want", ({ text, want }) => {
  expect(pickByName(list, text)).toEqual(want);
});

describe("a name that nobody has", () => {
  test.each([
    { program: "mutants", wantName: "two rolls at once" },
    { program: "frameworks", wantName: "node-postgres" },
  ])("ends $program with the names that there are", ({ program, wantName }) => {
    const path = join(import.meta.dirname, "..", "..", program, "main.ts");
    const env = { ...process.env, ONLY: "no such name" };

    const { status, stderr } = spawnSync(process.execPath, [path], { env, encoding: "utf8" });

    expect(status).toBe(2);
    expect(stderr).toContain("ONLY=no such name picks none of these");
    expect(stderr).toContain(wantName);
  });
});
