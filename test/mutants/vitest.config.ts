// The tests that need nothing but src and test, always with the same draws, until the first that
// fails.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{property,reconcile}/**/*.test.ts", "test/unit/**/*.test.ts"],
    setupFiles: ["test/config/fixed-seed.ts"],
    bail: 1,
    testTimeout: 300_000,
    maxWorkers: 1,
  },
});
