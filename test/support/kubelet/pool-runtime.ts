// Pods whose process is a pool on each of several real servers: all sessions are opened at the
// start, from the pod's own address, and opened anew when a server ends them. What is refused is
// counted, as a person would see it in the logs of the pods.
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { poolSizeOf } from "../fleet.ts";
import { findLoopbackAddresses } from "./loopback-addresses.ts";
import type { Pod } from "./pod.ts";
import type { Runtime } from "./runtime.ts";

export type PoolRuntime = Runtime & {
  /** Logins that were refused because a server had no slot left. */
  refused(): number;
};

const tooManyConnections = "53300";

/** A pool of each pod: where it is, and the variable that says its size. */
export interface PoolOfPods {
  readonly uri: string;
  readonly sizeName: string;
}

/** One pool of the pod's size on each URI, or the pools that are given. */
export async function createPoolRuntime(
  uris: readonly (string | PoolOfPods)[],
): Promise<PoolRuntime> {
  const addresses = await findLoopbackAddresses();
  const pods = new Map<string, PodPools>();
  let refused = 0;
  const onRefused = (): void => {
    refused += 1;
  };
  return {
    refused: () => refused,
    start: async (pod) => {
      const { uid } = pod.metadata;
      const pools = pods.get(uid) ?? new PodPools(pod, { address: addresses(), uris, onRefused });
      pods.set(uid, pools);
      await pools.open();
      return { address: pools.address, ended: new Promise(() => undefined) };
    },
    stop: async (pod) => {
      await pods.get(pod.metadata.uid)?.close();
      pods.delete(pod.metadata.uid);
    },
    close: async () => {
      await Promise.all([...pods.values()].map((one) => one.close()));
    },
  };
}

interface PodParts {
  readonly address: string;
  readonly uris: readonly (string | PoolOfPods)[];
  readonly onRefused: () => void;
}

class PodPools {
  readonly address: string;
  readonly #pod: Pod;
  readonly #parts: PodParts;
  readonly #clients = new Set<pg.Client>();
  readonly #closing = new AbortController();

  constructor(pod: Pod, parts: PodParts) {
    this.#pod = pod;
    this.#parts = parts;
    this.address = parts.address;
  }

  /** Resolves when every session has been there once. */
  async open(): Promise<void> {
    const all = this.#parts.uris.flatMap((one) => {
      const uri = typeof one === "string" ? one : one.uri;
      return Array.from({ length: sizeIn(this.#pod, one) }, () => uri);
    });
    await Promise.all(
      all.map((uri) => new Promise<void>((resolve) => void this.#keep(uri, resolve))),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#clients].map((client) => client.end().catch(() => undefined)));
  }

  /** One session after the other, until the pod ends. */
  async #keep(uri: string, onOpen: () => void): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const client = new pg.Client({ connectionString: uri, stream: () => this.#socketTo(uri) });
      const ended = once(client, "end");
      client.on("error", () => undefined);
      try {
        await client.connect();
        this.#clients.add(client);
        onOpen();
        await ended;
      } catch (error) {
        if ((error as { code?: unknown }).code === tooManyConnections) this.#parts.onRefused();
      }
      this.#clients.delete(client);
      await delay(250);
    }
    onOpen();
  }

  #socketTo(uri: string): Socket {
    const { hostname, port } = new URL(uri);
    const socket = connect({ host: hostname, port: Number(port), localAddress: this.address });
    return Object.assign(socket, { connect: () => socket });
  }
}

function sizeIn(pod: Pod, pool: string | PoolOfPods): number {
  if (typeof pool === "string") return poolSizeOf(pod);
  const entries = pod.spec.containers.flatMap(({ env = [] }) => env);
  return Number(entries.findLast(({ name }) => name === pool.sizeName)?.value ?? 0);
}
