// One pair of connection pools for the life of the process: one for requests, one for watches,
// which may be silent for minutes. HTTP/1.1 on purpose: one lost HTTP/2 session would take every
// watch with it. Credentials are read again every minute; when certificates have changed the pools
// are replaced and the old ones end when their last request does.

import { Agent, ProxyAgent } from "undici";
import type { Dispatcher } from "undici";
import { OperatorError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import type { Credentials, CredentialSource } from "./credentials.ts";

const renewAfterMs = 60_000;
const retryAfterMs = 5_000;

/** What one request needs. */
export interface Access {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For requests: an answer that stops for 30 s is given up. */
  readonly requests: Dispatcher;
  /** For watches: no limit between two bytes. */
  readonly watches: Dispatcher;
}

export interface Connection {
  /** Throws OperatorError: CONFIG_INVALID, K8S_UNAVAILABLE. */
  access(): Promise<Access>;
  /** The API server has refused this access (401): the next one is made from fresh credentials. */
  refuse(access: Access): void;
  /** Ends every request and watch. */
  close(): Promise<void>;
}

export function createConnection(source: CredentialSource, clock: Clock): Connection {
  return new RenewingConnection(source, clock);
}

class RenewingConnection implements Connection {
  readonly #source: CredentialSource;
  readonly #clock: Clock;
  #current: { access: Access; fingerprint: string } | undefined;
  #renewAtMs = 0;
  #renewal: Promise<Access> | undefined;

  constructor(source: CredentialSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  access(): Promise<Access> {
    if (this.#current !== undefined && this.#clock.monotonicMs() < this.#renewAtMs) {
      return Promise.resolve(this.#current.access);
    }
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  refuse(access: Access): void {
    if (this.#current?.access !== access) return;
    this.#source.reset();
    this.#renewAtMs = 0;
  }

  async close(): Promise<void> {
    const access = this.#current?.access;
    await Promise.all([access?.requests.destroy(), access?.watches.destroy()]);
  }

  async #renew(): Promise<Access> {
    try {
      const access = this.#adopt(await this.#source.read());
      this.#renewAtMs = this.#clock.monotonicMs() + renewAfterMs;
      return access;
    } catch (error) {
      // A token file that is missing for a moment: what we have may still be good.
      if (this.#current === undefined) throw error;
      this.#renewAtMs = this.#clock.monotonicMs() + retryAfterMs;
      return this.#current.access;
    }
  }

  #adopt(credentials: Credentials): Access {
    const { server, headers, tls, proxyUrl } = credentials;
    const fingerprint = JSON.stringify([server, tls, proxyUrl]);
    const old = this.#current;
    const pools = old?.fingerprint === fingerprint ? old.access : createPools(credentials);
    const access = { server, headers, requests: pools.requests, watches: pools.watches };
    this.#current = { access, fingerprint };
    if (old !== undefined && pools !== old.access) retire(old.access);
    return access;
  }
}

function createPools(credentials: Credentials): Pick<Access, "requests" | "watches"> {
  return {
    requests: openPool(credentials, { connections: 32, bodyTimeout: 30_000 }),
    watches: openPool(credentials, { bodyTimeout: 0 }),
  };
}

function openPool({ tls, proxyUrl }: Credentials, limits: Agent.Options): Dispatcher {
  const common = { ...limits, allowH2: false, keepAliveTimeout: 15_000, headersTimeout: 30_000 };
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: 15_000, timeout: 5_000 };
  if (proxyUrl === undefined) return new Agent({ ...common, connect });
  try {
    return new ProxyAgent({ ...common, uri: proxyUrl, requestTls: connect });
  } catch (cause) {
    const message = "using the proxy-url of the kubeconfig";
    throw new OperatorError("CONFIG_INVALID", message, { retry: "never", cause });
  }
}

function retire({ requests, watches }: Access): void {
  // Both may end with an error of a request that its own caller is told of.
  requests.close().catch(() => undefined);
  watches.close().catch(() => undefined);
}
