// For files of which each test has a fake API server of its own, and our client on it.

import { afterEach, beforeEach } from "vitest";
import type { Client } from "../../src/adapters/kubernetes/client.ts";
import { openClient, type OpenClient, plainCredentials } from "./api-client.ts";
import { FakeApiServer } from "./fake-api-server.ts";

/** What it holds is of the test that runs. */
class FakeApi {
  #server: FakeApiServer | undefined;
  #opened: OpenClient | undefined;

  get server(): FakeApiServer {
    if (!this.#server) throw new Error("a test must run");
    return this.#server;
  }

  get client(): Client {
    if (!this.#opened) throw new Error("a test must run");
    return this.#opened.client;
  }

  async open(): Promise<void> {
    this.#server = await FakeApiServer.start();
    this.#opened = openClient(plainCredentials(this.#server.url));
  }

  async close(): Promise<void> {
    await this.#opened?.close();
    await this.#server?.close();
  }
}

/** To be called where the file begins. */
export function openFakeApiForEachTest(): FakeApi {
  const api = new FakeApi();
  beforeEach(() => api.open());
  afterEach(() => api.close());
  return api;
}
