// What a person would paste into a terminal: run by a real shell in which `kubectl` is the control
// plane's own, as its administrator.
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ControlPlane } from "./control-plane/control-plane.ts";

interface Shell extends Pick<ControlPlane, "kubeconfigPath"> {
  readonly binaries: Pick<ControlPlane["binaries"], "kubectl">;
}

/** Yields what it printed; throws, with what it said, where it fails. */
export async function inShell({ binaries, kubeconfigPath }: Shell, line: string): Promise<string> {
  const env = {
    PATH: `${dirname(binaries.kubectl)}:${process.env["PATH"] ?? ""}`,
    KUBECONFIG: kubeconfigPath,
    KUBECACHEDIR: join(dirname(kubeconfigPath), "kubectl-cache"),
  };
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", line], { env });
  return stdout;
}
