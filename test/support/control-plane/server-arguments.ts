// The flags of the three servers. Etcd's and the API server's are those of controller-runtime's
// envtest; what differs is said here.
import { join } from "node:path";

export const DEFAULT_CONTROLLERS: readonly string[] = [
  "deployment-controller",
  "replicaset-controller",
  "statefulset-controller",
  "daemonset-controller",
  "garbage-collector-controller",
  "namespace-controller",
];

/** For a person, who tries whatever makes pods. */
export const CONTROLLERS_FOR_PEOPLE: readonly string[] = [
  ...DEFAULT_CONTROLLERS,
  "job-controller",
  "cronjob-controller",
];

/** Asked for by name, because without a metrics API it only complains. */
export const AUTOSCALER_CONTROLLER = "horizontal-pod-autoscaler-controller";

/** Flag name without dashes to value; "" for a flag without one, null to leave a flag out. */
export type Flags = Readonly<Record<string, string | null>>;

export function etcdFlags(directory: string, port: number): Flags {
  const url = `http://127.0.0.1:${port}`;
  return {
    "data-dir": join(directory, "etcd"),
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": "http://localhost:0",
    // The data dies with the run: waiting for the disk buys nothing.
    "unsafe-no-fsync": "",
    "log-level": "warn",
  };
}

export function apiServerFlags(directory: string, port: number, etcdPort: number): Flags {
  return {
    "advertise-address": "127.0.0.1",
    "bind-address": "127.0.0.1",
    "secure-port": String(port),
    "etcd-servers": `http://127.0.0.1:${etcdPort}`,
    "cert-dir": directory,
    "tls-cert-file": join(directory, "apiserver.crt"),
    "tls-private-key-file": join(directory, "apiserver.key"),
    "client-ca-file": join(directory, "ca.crt"),
    "service-account-issuer": `https://127.0.0.1:${port}/`,
    "service-account-key-file": join(directory, "service-account.pub"),
    "service-account-signing-key-file": join(directory, "service-account.key"),
    "authorization-mode": "RBAC",
    "service-cluster-ip-range": "10.0.0.0/24",
    "allow-privileged": "true",
    // Nobody creates the default ServiceAccount here; with the plug-in no pod would be accepted.
    "disable-admission-plugins": "ServiceAccount",
  };
}

export function controllerManagerFlags(kubeconfig: string, controllers: readonly string[]): Flags {
  return {
    kubeconfig,
    controllers: controllers.join(","),
    "leader-elect": "false",
    "authentication-skip-lookup": "true",
    "secure-port": "0",
    // The default of 20 requests a second would take minutes to create some thousand pods.
    "kube-api-qps": "400",
    "kube-api-burst": "800",
  };
}

export function renderFlags(flags: Flags, overrides: Flags = {}): string[] {
  const rendered: string[] = [];
  for (const [name, value] of Object.entries({ ...flags, ...overrides })) {
    if (value !== null) rendered.push(value === "" ? `--${name}` : `--${name}=${value}`);
  }
  return rendered;
}
