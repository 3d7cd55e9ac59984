// Secrets and ConfigMaps: read by name by the operator, and by the kubelet when a container starts.

import type { Cluster } from "../../../src/ports.ts";
import type { Versions } from "./object-kind.ts";
import type { LookUp } from "./workload-spec.ts";

type Kind = "Secret" | "ConfigMap";
export type Data = Readonly<Record<string, string>>;

export class StoredData {
  readonly #versions: Versions;
  readonly #stored = new Map<string, { readonly resourceVersion: string; readonly data: Data }>();

  constructor(versions: Versions) {
    this.#versions = versions;
  }

  /** Undefined removes it. */
  set(kind: Kind, namespace: string, name: string, data: Data | undefined): void {
    const key = `${kind}/${namespace}/${name}`;
    if (data) this.#stored.set(key, { resourceVersion: this.#versions.next(), data });
    else this.#stored.delete(key);
  }

  read(kind: Kind, namespace: string, name: string): Awaited<ReturnType<Cluster["readData"]>> {
    const found = this.#stored.get(`${kind}/${namespace}/${name}`);
    if (found) return { kind: "ok", value: found };
    return { kind: "absent", message: `${kind} ${namespace}/${name} not found` };
  }

  readonly lookUp: LookUp = (namespace, { kind, name, key }) => {
    const data = this.#stored.get(`${kind}/${namespace}/${name}`)?.data;
    return data && Object.hasOwn(data, key) ? data[key] : undefined;
  };
}
