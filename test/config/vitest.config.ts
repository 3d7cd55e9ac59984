// Three projects: `tidy` reads the source, `fast` needs nothing but Node, `real` starts PostgreSQL
// and a control plane of its own. `FC_SEED=n` repeats what property tests drew under that seed.
import { defineConfig } from "vitest/config";
import { CountingReporter } from "./counting-reporter.ts";

const tidy = ["test/tidy/**/*.test.ts"];
const real = ["test/integration/**/*.test.ts"];
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
          exclude: [...tidy, ...real],
          setupFiles: drawnAgain,
        },
      },
      {
        test: {
          name: "real",
          include: real,
          testTimeout: 60_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          globalSetup: ["test/support/control-plane-setup.ts"],
        },
      },
    ],
  },
});
