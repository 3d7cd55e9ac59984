// A kubeconfig with which a process is a ServiceAccount, as its pod would be: by a token that the
// API server has made for it.
import { writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import type { ControlPlane } from "./control-plane/control-plane.ts";

type Kubeconfig = { users: { name: string; user: object }[] };

/** Writes it to `path`; throws where there is no such account. */
export async function writeAccountKubeconfig(
  plane: Pick<ControlPlane, "kubectl" | "kubeconfig">,
  account: { readonly name: string; readonly namespace: string },
  path: string,
): Promise<void> {
  const { name, namespace } = account;
  const { code, stdout, stderr } = await plane.kubectl(["create", "token", name, "-n", namespace]);
  if (code !== 0) throw new Error(`kubectl create token: ${stderr}`);
  const config = parse(plane.kubeconfig) as Kubeconfig;
  const users = config.users.map((one) => ({ ...one, user: { token: stdout.trim() } }));
  await writeFile(path, stringify({ ...config, users }), { mode: 0o600 });
}
