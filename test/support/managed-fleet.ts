// A fleet of one namespace on the shared control plane, and an operator that manages this namespace
// alone: for tests of what others write beside it. Its pods are ready at once, and use no database.
import { openFleet } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { createInstantRuntime } from "./kubelet/instant-runtime.ts";
import { startOperator } from "./operator.ts";
import { ensureAdmissionWorks } from "./working-admission.ts";

export type ManagedFleet = AsyncDisposable & { readonly fleet: Fleet };

export async function openManagedFleet(
  kubectl: KubectlTarget,
  namespace: string,
): Promise<ManagedFleet> {
  await ensureAdmissionWorks(kubectl);
  await using opened = new AsyncDisposableStack();
  const fleet = opened.use(
    await openFleet({ kubectl, namespace, runtime: createInstantRuntime() }),
  );
  const { kubeconfigPath } = kubectl;
  opened.use(await startOperator({ kubeconfigPath, flags: ["--namespaces", namespace] }));
  const everything = opened.move();
  return { fleet, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
