// Processor time of this thread alone: what a busy machine, and tests beside this one, do not blur.
// Bounds on it are generous, so that they tell a cost that grows with the square from one that does
// not, and nothing finer.

export function cpuMsOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
