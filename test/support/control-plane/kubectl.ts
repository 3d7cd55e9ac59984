// The real kubectl, as a person would use it, but with a home of its own: it neither reads nor
// writes the person's ~/.kube.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";

export type KubectlResult = { code: number; stdout: string; stderr: string };
export type KubectlOptions = { readonly stdin?: string };

/** Which kubectl, and as whom on which server. */
export type KubectlTarget = { readonly kubectlPath: string; readonly kubeconfigPath: string };

/** Runs kubectl and gives what it said; a non-zero exit is a value, not an exception. */
export async function runKubectl(
  { kubectlPath, kubeconfigPath }: KubectlTarget,
  args: readonly string[],
  { stdin = "" }: KubectlOptions = {},
): Promise<KubectlResult> {
  const child = spawn(kubectlPath, ["--kubeconfig", kubeconfigPath, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, KUBECACHEDIR: join(dirname(kubeconfigPath), "kubectl-cache") },
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  // A kubectl that fails early leaves its input unread.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
