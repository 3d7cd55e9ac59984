// What is said where running pods may not be resized.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  livePoolsCommand,
  resizeNeedsAdmission,
  resizeNeedsRights,
} from "../../../src/render/live-rights.ts";

test("the command is the one of the README, with the value of the chart", async () => {
  const root = join(import.meta.dirname, "..", "..", "..");
  const readme = await readFile(join(root, "README.md"), "utf8");
  const values = await readFile(join(root, "charts", "poolwarden", "values.yaml"), "utf8");
  const [upgrade = "", value = ""] = livePoolsCommand.split(" --set ");
  expect(readme).toContain(upgrade);
  expect(value).toBe("livePools.enabled=true");
  expect(values).toContain("livePools:\n");
});

test("each reason says what happens instead, and what to do", () => {
  expect(resizeNeedsRights).toContain(livePoolsCommand);
  for (const text of [resizeNeedsRights, resizeNeedsAdmission]) {
    expect(text).toContain("its pods get new sizes by rollouts. To fix:");
  }
});
