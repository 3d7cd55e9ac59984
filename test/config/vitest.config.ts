// Two projects: `fast` needs nothing but Node; `real` starts PostgreSQL and a control plane of its own.
import { defineConfig } from "vitest/config";

const real = ["test/integration/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "fast", include: ["test/**/*.test.ts"], exclude: real },
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
