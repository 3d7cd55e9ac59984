// Four projects: `tidy` reads the source, `fast` needs nothing but Node, `real` starts PostgreSQL
// and shares one control plane, and the files of `isolated` share nothing: each starts a control
// plane of its own, or needs none. So the last two can run side by side. `FC_SEED=n` repeats what
// property tests drew under that seed.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { CountingReporter } from "./counting-reporter.ts";

const root = join(import.meta.dirname, "..", "..");
const tidy = ["test/tidy/**/*.test.ts"];
const integration = globSync("test/integration/**/*.test.ts", { cwd: root });
const { real = [], isolated = [] } = Object.groupBy(integration, (file) =>
  readFileSync(join(root, file), "utf8").includes('inject("controlPlane")') ? "real" : "isolated",
);
/** Real parts need time, and one file after the other leaves it to them. */
const realParts = { testTimeout: 60_000, hookTimeout: 600_000, fileParallelism: false };
const drawnAgain = process.env["FC_SEED"] === undefined ? [] : ["test/config/fixed-seed.ts"];

export default defineConfig({
  test: {
    reporters: ["default", new CountingReporter(process.env["TEST_REPORT_PATH"])],
    projects: [
      { test: { name: "tidy", include: tidy, testTimeout: 30_000 } },
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [...tidy, ...integration],
          setupFiles: drawnAgain,
          // Files of one worker share the modules that they import: a third of the CPU.
          isolate: false,
          // A law takes a second or two, and several on a machine that is busy.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "real",
          include: real,
          ...realParts,
          globalSetup: ["test/support/control-plane-setup.ts"],
        },
      },
      { test: { name: "isolated", include: isolated, ...realParts } },
    ],
  },
});
