// `make bench`: every benchmark in a process of its own, so that none pays for another's heap, and
// one after the other, so that none pays for another's work. Numbers are printed, not asserted:
// what a machine can do depends on what else it does, so its load stands above them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";

const benchmarks = ["plan", "memory", "live", "tenants", "cluster"];

async function run(name: string): Promise<boolean> {
  const file = join(import.meta.dirname, `${name}.bench.ts`);
  const child = spawn(process.execPath, ["--expose-gc", file], { stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}

const [processor] = cpus();
console.log(
  `${availableParallelism()} × ${processor?.model ?? "unknown processor"}, Node ${process.version},`,
  `load ${loadavg()[0]?.toFixed(1) ?? "unknown"} before the start\n`,
);
const failed: string[] = [];
for (const name of benchmarks) {
  if (!(await run(name))) failed.push(name);
}
if (failed.length > 0) {
  console.error(`these benchmarks broke down: ${failed.join(", ")}`);
  process.exitCode = 1;
}
