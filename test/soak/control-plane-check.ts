// `make control-plane` as a person uses it: it says where its kubeconfig is, kubectl gets an answer
// with that, and Ctrl-C ends it well.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const program = join(import.meta.dirname, "..", "support", "control-plane", "main.ts");

/** The words of the two lines that it prints once it is ready. */
async function linesOf(output: AsyncIterable<Buffer>): Promise<RegExpExecArray> {
  let printed = "";
  for await (const chunk of output) {
    printed += chunk.toString();
    const lines = /export KUBECONFIG=(.+)\nalias kubectl=(.+)\n/.exec(printed);
    if (lines) return lines;
  }
  throw new Error(`it ended, having printed: ${printed}`);
}

async function askReady(kubectlPath: string, kubeconfigPath: string): Promise<string> {
  const args = ["--kubeconfig", kubeconfigPath, "get", "--raw", "/readyz"];
  const asked = spawn(kubectlPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return (await text(asked.stdout)).trim();
}

const plane = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
const exited = once(plane, "exit");
const [, kubeconfigPath = "", kubectlPath = ""] = await linesOf(plane.stdout);
const answer = await askReady(kubectlPath, kubeconfigPath);
plane.kill("SIGINT");
const [code] = (await exited) as [number | null];
console.log(`control-plane-check: /readyz says ${answer}, Ctrl-C ends it with ${String(code)}`);
process.exitCode = answer === "ok" && code === 0 ? 0 : 1;
