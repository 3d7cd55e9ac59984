// `make control-plane`: the control plane alone, for a person with a kubectl, until Ctrl-C.
import { ControlPlaneUnavailable } from "./binaries.ts";
import { startControlPlane } from "./control-plane.ts";
import { CONTROLLERS_FOR_PEOPLE } from "./server-arguments.ts";

async function main(): Promise<void> {
  const interrupted = new Promise<undefined>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve(undefined);
      });
    }
  });
  const starting = startControlPlane({ controllers: CONTROLLERS_FOR_PEOPLE });
  const plane = await Promise.race([starting, interrupted]);
  // The workspaces' guards clean up behind us, a build in progress included.
  if (plane === undefined) process.exit(130);
  console.log(`export KUBECONFIG=${plane.kubeconfigPath}`);
  console.log(`alias kubectl=${plane.binaries.kubectl}`);
  console.error("control plane: no kubelet, so no pod ever runs, and no autoscaler ever scales;");
  console.error("control plane: the CRD is not in it yet:");
  console.error("  kubectl apply --server-side -f crds/");
  console.error("control plane: ready; Ctrl-C ends it and leaves nothing behind");
  const keepRunning = setInterval(() => undefined, 60_000);
  await interrupted;
  clearInterval(keepRunning);
  await plane.stop();
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ControlPlaneUnavailable)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
