// One request, and everything that can come instead of its answer.

import { afterEach, beforeEach, expect, test } from "vitest";
import { OperatorError } from "../../../../src/errors.ts";
import { openClient, plainCredentials } from "../../../support/api-client.ts";
import type { OpenClient } from "../../../support/api-client.ts";
import type { CredentialSource } from "../../../../src/adapters/kubernetes/credentials.ts";
import { FakeApiServer } from "../../../support/fake-api-server.ts";

const path = "/api/v1/configmaps";
let server: FakeApiServer;
let opened: OpenClient;

beforeEach(async () => {
  server = await FakeApiServer.start();
  opened = openClient(plainCredentials(server.url));
});

afterEach(async () => {
  await opened.close();
  await server.close();
});

const statuses = [
  { status: 400, wantCode: "K8S_INVALID", wantRetry: "never" },
  { status: 401, wantCode: "K8S_FORBIDDEN", wantRetry: "backoff" },
  { status: 403, wantCode: "K8S_FORBIDDEN", wantRetry: "backoff" },
  { status: 404, wantCode: "K8S_NOT_FOUND", wantRetry: "backoff" },
  { status: 409, wantCode: "K8S_CONFLICT", wantRetry: "backoff" },
  { status: 410, wantCode: "K8S_GONE", wantRetry: "backoff" },
  { status: 422, wantCode: "K8S_INVALID", wantRetry: "never" },
  { status: 429, wantCode: "K8S_UNAVAILABLE", wantRetry: "backoff" },
  { status: 500, wantCode: "K8S_UNAVAILABLE", wantRetry: "backoff" },
  { status: 503, wantCode: "K8S_UNAVAILABLE", wantRetry: "backoff" },
];

test.each(statuses)("an answer of $status is $wantCode", async (given) => {
  const fault = { kind: "status", status: given.status } as const;
  server.failNext(fault, fault);
  await expect(opened.client.request("GET", path)).rejects.toMatchObject({
    code: given.wantCode,
    retry: given.wantRetry,
    message: `GET ${path}: answered with ${given.status} as asked`,
  });
});

test("a busy server is asked again when it said, a few times", async () => {
  const busy = { kind: "status", status: 429, retryAfterSeconds: 0 } as const;
  server.failNext(busy, busy);
  await opened.client.request("GET", path);
  server.failNext(busy, busy, busy);
  await expect(opened.client.request("GET", path)).rejects.toMatchObject({ retry: { afterMs: 0 } });
  expect(server.requests).toHaveLength(6);
});

test("a long wait is the caller's to plan", async () => {
  server.failNext({ kind: "status", status: 429, retryAfterSeconds: 60 });
  await expect(opened.client.request("GET", path)).rejects.toMatchObject({
    retry: { afterMs: 60_000 },
  });
  expect(server.requests).toHaveLength(1);
});

test("a write that a server failed on is not sent twice", async () => {
  server.failNext({ kind: "status", status: 503, retryAfterSeconds: 0 });
  const error = await failureOf(opened.client.request("POST", path, { body: {} }));
  expect(error.code).toBe("K8S_UNAVAILABLE");
  expect(server.requests).toHaveLength(1);
});

async function failureOf(request: Promise<unknown>): Promise<OperatorError> {
  const error: unknown = await request.catch((caught: unknown) => caught);
  if (error instanceof OperatorError) return error;
  throw new Error(`not the error that was wanted: ${String(error)}`);
}

const silences = [
  { name: "a reset connection", fault: { kind: "reset" }, want: /other side closed|ECONNRESET/ },
  { name: "no answer in time", fault: { kind: "hang" }, want: /no answer in time$/ },
  { name: "half an answer", fault: { kind: "body", body: '{"items": [' }, want: /JSON/ },
  { name: "a proxy's page", fault: { kind: "body", body: "<html>" }, want: /JSON/ },
] as const;

test.each(silences)("$name is K8S_UNAVAILABLE and says which request", async ({ fault, want }) => {
  server.failNext(fault);
  const error = await failureOf(opened.client.request("GET", path, { timeoutMs: 200 }));
  expect(error.code).toBe("K8S_UNAVAILABLE");
  expect(error.message).toMatch(want);
  expect(error.message).toMatch(/^GET \/api\/v1\/configmaps: /);
});

test("a server that is not there says where it was looked for", async () => {
  await server.close();
  const error = await failureOf(opened.client.request("GET", path));
  expect(error.message).toContain(`ECONNREFUSED ${server.url.replace("http://", "")}`);
  await server.listen();
});

test("an abort by the caller ends the request", async () => {
  server.failNext({ kind: "hang" });
  const stop = new AbortController();
  const request = opened.client.request("GET", path, { signal: stop.signal });
  stop.abort();
  expect((await failureOf(request)).message).toBe(`GET ${path}: stopped before the answer came`);
});

test("what is sent is no part of an error, and neither are headers", async () => {
  server.failNext({ kind: "status", status: 422 });
  const own = openClient({
    read: () =>
      Promise.resolve({
        server: server.url,
        headers: { authorization: "Bearer hunter1" },
        tls: {},
      }),
    reset: () => undefined,
  });
  const error = await failureOf(own.client.request("PUT", path, { body: { uri: "hunter2" } }));
  await own.close();
  expect(server.requests[0]?.headers.authorization).toBe("Bearer hunter1");
  expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toMatch(/hunter/);
});

test("a refused token is renewed once, and the request sent again", async () => {
  let tokens = 0;
  let token = "token-0";
  const source: CredentialSource = {
    read: () => Promise.resolve({ server: server.url, headers: { authorization: token }, tls: {} }),
    reset: () => {
      token = `token-${++tokens}`;
    },
  };
  const own = openClient(source);
  const refused = { kind: "status", status: 401 } as const;
  server.failNext(refused);
  await own.client.request("GET", path);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    "token-0",
    "token-1",
  ]);
  server.failNext(refused, refused);
  expect((await failureOf(own.client.request("GET", path))).code).toBe("K8S_FORBIDDEN");
  await own.close();
});
