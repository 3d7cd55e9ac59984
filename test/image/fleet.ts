// What the image's operator has to watch while its memory is measured: Deployments of a few pods in
// one policy, on a server that is declared, so that none is needed.
import { openFleet } from "../support/fleet.ts";
import type { Fleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { kubectlOf } from "../support/installed-plane.ts";
import { waitUntil } from "../support/processes.ts";
import { buildWorkload } from "../support/workloads.ts";
import type { Stage } from "./stage.ts";

const POOL_SIZE = 10;
const PODS_EACH = 2;
const AT_ONCE = 10;
const WITHIN_MS = 1_200_000;

/** Resolves when all its pods run and its policy is there. */
export async function openImageFleet(stage: Stage, deployments: number): Promise<Fleet> {
  const runtime = createInstantRuntime();
  const fleet = await openFleet({ kubectl: kubectlOf(stage.plane), namespace: "fleet", runtime });
  const names = Array.from({ length: deployments }, (_, index) => `service-${index}`);
  for (let first = 0; first < names.length; first += AT_ONCE) {
    await Promise.all(
      names.slice(first, first + AT_ONCE).map((name) => createDeployment(fleet, name)),
    );
  }
  await fleet.applyPolicy("orders", {
    database: {
      address: "db.fleet.svc:5432",
      maxConnections: (deployments + 2) * PODS_EACH * POOL_SIZE,
    },
    workloads: [{ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }],
  });
  const pods = deployments * PODS_EACH;
  const isThere = async (): Promise<boolean> => (await fleet.pods()).length === pods;
  await waitUntil(`${pods} pods`, isThere, WITHIN_MS);
  return fleet;
}

async function createDeployment(fleet: Fleet, name: string): Promise<void> {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: String(POOL_SIZE) }];
  const parts = { replicas: PODS_EACH, env };
  const object = buildWorkload("Deployment", fleet.namespace, name, parts);
  const { status, message } = await fleet.rest.create(object);
  if (status !== 201) throw new Error(message);
}
