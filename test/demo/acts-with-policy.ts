// Acts 2 and 3: the same scaling with the policy applied, then a new version while all 15 pods run,
// then one more service. The Deployments stay as their owners wrote them.
import { setTimeout as delay } from "node:timers/promises";
import { read } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";
import { scaleUpWeb } from "./act-without-policy.ts";
import { describeSizes } from "./frame.ts";
import { sizeOf } from "./pods.ts";
import { unsettled } from "./settled.ts";
import { NAMESPACE } from "./stage.ts";
import type { Stage } from "./stage.ts";

const POLICY = {
  apiVersion: "poolwarden.dev/v1alpha1",
  kind: "PoolPolicy",
  metadata: { namespace: NAMESPACE, name: "orders" },
};
const OWNERS_SIZE = 50;
const LAST_LOOK_MS = 1_500;

export async function playWithPolicy(stage: Stage): Promise<void> {
  const { observer, screen, kubectl } = stage;
  await kubectl("apply -f examples/demo/poolpolicy.yaml");
  observer.mark("policy applied");
  await kubectl("wait --for=condition=Ready poolpolicy/orders --timeout=60s");
  await waitUntilSettled(stage);
  screen.say(`Ready: ${describeSizes(observer.services())}. The same scaling again:`);
  await scaleUpWeb(stage);
  await waitUntilSettled(stage);
  screen.say("15 pods run. A new version now, which starts 15 more beside them:");
  observer.mark("new version");
  await kubectl("set image deployment/web app=shop/web:2");
  await kubectl("rollout status deployment/web --timeout=60s");
  await waitUntilSettled(stage);
  await checkDeployment(stage);
}

export async function playThirdService(stage: Stage): Promise<void> {
  const { observer, screen, kubectl } = stage;
  const before = describeSizes(observer.services());
  await kubectl("apply -f examples/demo/reports.yaml");
  observer.mark("reports arrives");
  await waitUntil("the third service to be there", () =>
    observer.services().some(({ name, ready }) => name === "reports" && ready > 0),
  );
  await waitUntilSettled(stage);
  await delay(LAST_LOOK_MS);
  screen.say(
    `The budget is shared anew:\n  before: ${before}\n  after:  ${describeSizes(observer.services())}`,
  );
}

async function waitUntilSettled({ rest, observer }: Stage): Promise<void> {
  let missing: string[] = [];
  try {
    await waitUntil("every pod to have its size", async () => {
      missing = unsettled((await rest.get(POLICY)).body, observer.services());
      return missing.length === 0;
    });
  } catch (error) {
    throw new Error(`not settled: ${missing.join("; ")}`, { cause: error });
  }
}

async function checkDeployment({ rest, screen }: Stage): Promise<void> {
  const metadata = { namespace: NAMESPACE, name: "web" };
  const { body } = await rest.get({ apiVersion: "apps/v1", kind: "Deployment", metadata });
  const size = sizeOf(read(body, "spec", "template"));
  if (size !== OWNERS_SIZE) throw new Error(`the Deployment says ${size}, not ${OWNERS_SIZE}`);
  screen.say(
    `The Deployment itself is as its owner wrote it: DB_POOL_MAX_SIZE is still "${size}".`,
  );
}
