// Who we are and whom we talk to: a kubeconfig file, or the service account of the pod. This is all
// that client-node is used for (certificates, tokens, exec plugins, OIDC); it takes half a second
// to load, so it is imported only when it is needed. Nothing of it is ever logged.

import { access, constants } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { OperatorError } from "../../errors.ts";

/** What a TLS connection to the API server needs. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Credentials {
  /** Base URL of the API server, without a slash at its end. */
  readonly server: string;
  /** Authorization, and Impersonate-User if the kubeconfig says so. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  readonly proxyUrl?: string;
}

export interface CredentialSource {
  /** As they are now: files are read again, tokens refreshed. Throws OperatorError. */
  read(): Promise<Credentials>;
  /** Forgets every cached token: the API server has refused one. */
  reset(): void;
}

export interface KubeconfigChoice {
  /** Path. Undefined: KUBECONFIG, ~/.kube/config, else the pod's service account. */
  readonly kubeconfig?: string | undefined;
  /** Context within it. Undefined: its current one. */
  readonly context?: string | undefined;
}

/**
 * Throws CONFIG_INVALID where no API server can be found. Afterwards that is tried again, because
 * files are written anew while we run; before the start it is a mistake that nobody else mends.
 */
export async function checkKubeconfig(choice: KubeconfigChoice): Promise<void> {
  const { kubeconfig } = choice;
  try {
    if (kubeconfig !== undefined) await access(kubeconfig, constants.R_OK);
  } catch (error) {
    throw invalid(
      `--kubeconfig ${JSON.stringify(kubeconfig)} cannot be read: ${sentence(error)}. Give the path ` +
        "of a kubeconfig, or leave the flag out: then it is KUBECONFIG, or ~/.kube/config",
    );
  }
  await loadKubeConfig(choice);
}

/** Reading throws CONFIG_INVALID (no usable kubeconfig) or K8S_UNAVAILABLE (a plugin failed). */
export function createCredentialSource(choice: KubeconfigChoice): CredentialSource {
  let loaded: KubeConfig | undefined;
  return {
    read: async () => {
      loaded ??= await loadKubeConfig(choice);
      return await readCredentials(loaded);
    },
    reset: () => {
      loaded = undefined;
    },
  };
}

async function loadKubeConfig(choice: KubeconfigChoice): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  const where = choice.kubeconfig ?? "the kubeconfig (KUBECONFIG, else ~/.kube/config)";
  try {
    if (choice.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(choice.kubeconfig);
  } catch (error) {
    const said = sentence(error);
    const isEmpty = said.includes("the input is empty");
    if (isEmpty) throw invalid(`${where} is empty`);
    const way = said.includes("ENOENT")
      ? "Set KUBECONFIG to a file that exists, or give --kubeconfig"
      : "kubectl config view --raw prints one that kubectl can read";
    throw invalid(`reading ${where}: ${said}. ${way}`);
  }
  if (choice.context !== undefined) config.setCurrentContext(choice.context);
  checkContext(config, where);
  // client-node refuses plain HTTP unless TLS checks are off; there is no TLS to check.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith("http:") ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

const contexts = "kubectl config get-contexts lists them";

/** For whoever asks once, and does not try again: what to look at where nobody answers. */
export function unansweredWayOut(kubeconfig: string | undefined): string {
  const flag = kubeconfig === undefined ? "" : ` --kubeconfig ${kubeconfig}`;
  return (
    `: the API server of the kubeconfig does not answer. kubectl${flag} cluster-info shows whether ` +
    "kubectl reaches it; give another kubeconfig with --kubeconfig"
  );
}

/** `where`: the file, for people. */
function checkContext(config: KubeConfig, where: string): void {
  const cluster = config.getCurrentCluster();
  // A file without one has undefined here, whatever the type says.
  const context = (config.getCurrentContext() as string | undefined) ?? "";
  if (context === "") {
    throw invalid(`${where} sets no current-context: kubectl config use-context NAME sets it`);
  }
  if (cluster === null)
    throw invalid(`${where} has no usable context named "${context}": ${contexts}`);
  // What client-node makes up when it finds nothing.
  if (context === "loaded-context" && cluster.name === "cluster") {
    throw invalid("no kubeconfig found and not running in a pod: set KUBECONFIG or --kubeconfig");
  }
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new OperatorError("K8S_UNAVAILABLE", `getting credentials: ${sentence(error)}`);
  }
  const cluster = config.getCurrentCluster();
  return {
    server: (cluster?.server ?? "").replace(/\/$/, ""),
    headers: readHeaders(options),
    tls: {
      ...asText("ca", options.ca),
      ...asText("cert", options.cert),
      ...asText("key", options.key),
      ...asText("servername", options.servername),
      ...(options.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
    },
    ...(cluster?.proxyUrl ? { proxyUrl: cluster.proxyUrl } : {}),
  };
}

function readHeaders(options: { headers?: unknown; auth?: unknown }): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === "string") headers[name.toLowerCase()] = value.trim();
  }
  if (typeof options.auth === "string") {
    headers["authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
  }
  return headers;
}

function asText(name: keyof TlsMaterial, value: unknown): Partial<TlsMaterial> {
  if (typeof value === "string") return { [name]: value };
  return Buffer.isBuffer(value) ? { [name]: value.toString() } : {};
}

function invalid(message: string): OperatorError {
  return new OperatorError("CONFIG_INVALID", message, { retry: "never" });
}

// A plugin prints what it likes: its first lines tell the cause, and a screen full would hide it.
function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replaceAll(/\s+/g, " ").slice(0, 300);
}
