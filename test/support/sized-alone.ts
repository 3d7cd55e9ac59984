// A workload under a policy of its own, on a server of its own that is only named: for tests in
// which a size is to change and nothing else may have a part in it.
import type { Fleet } from "./fleet.ts";

export type SizedAlone = {
  /** Of the Deployment, and of its policy. */
  readonly name: string;
  readonly delivery: "Admission" | "Template";
  readonly size: number;
};

/**
 * Gives each of its two pods this size and waits for it. To grow is worth a rollout, of one pod
 * too: a rollout that is under way may have given the other one its size already. To shrink would
 * not be worth one where nobody needs the slots.
 */
export async function giveSize(fleet: Fleet, { name, delivery, size }: SizedAlone): Promise<void> {
  await fleet.applyPolicy(name, {
    database: { address: `${name}.db.invalid:5432`, maxConnections: 200 },
    delivery,
    stability: { cooldown: "1s", tolerancePercent: 0 },
    alerts: { enabled: false },
    workloads: [{ name, unmanagedPoolSize: 3, poolSize: { min: size, max: size } }],
  });
  await fleet.waitForPods(name, 2, size);
  await fleet.waitForReady(name);
}
