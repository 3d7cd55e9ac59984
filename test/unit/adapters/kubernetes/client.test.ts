// One request, and everything that can come instead of its answer.

import { expect, test } from "vitest";
import { OperatorError } from "../../../../src/errors.ts";
import { openClient } from "../../../support/api-client.ts";
import type { CredentialSource } from "../../../../src/adapters/kubernetes/credentials.ts";
import { openFakeApiForEachTest } from "../../../support/fake-api.ts";

const path = "/api/v1/configmaps";
const api = openFakeApiForEachTest();

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
  api.server.failNext(fault, fault);
  await expect(api.client.request("GET", path)).rejects.toMatchObject({
    code: given.wantCode,
    retry: given.wantRetry,
    message: `GET ${path}: answered with ${given.status} as asked`,
  });
});

test("a busy server is asked again when it said, a few times", async () => {
  const busy = { kind: "status", status: 429, retryAfterSeconds: 0 } as const;
  api.server.failNext(busy, busy);
  await api.client.request("GET", path);
  api.server.failNext(busy, busy, busy);
  await expect(api.client.request("GET", path)).rejects.toMatchObject({ retry: { afterMs: 0 } });
  expect(api.server.requests).toHaveLength(6);
});

test("a long wait is the caller's to plan", async () => {
  api.server.failNext({ kind: "status", status: 429, retryAfterSeconds: 60 });
  await expect(api.client.request("GET", path)).rejects.toMatchObject({
    retry: { afterMs: 60_000 },
  });
  expect(api.server.requests).toHaveLength(1);
});

test("a write that a server failed on is not sent twice", async () => {
  api.server.failNext({ kind: "status", status: 503, retryAfterSeconds: 0 });
  const error = await failureOf(api.client.request("POST", path, { body: {} }));
  expect(error.code).toBe("K8S_UNAVAILABLE");
  expect(api.server.requests).toHaveLength(1);
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
  api.server.failNext(fault);
  const error = await failureOf(api.client.request("GET", path, { timeoutMs: 200 }));
  expect(error.code).toBe("K8S_UNAVAILABLE");
  expect(error.message).toMatch(want);
  expect(error.message).toMatch(/^GET \/api\/v1\/configmaps: /);
});

test("a server that is not there says where it was looked for", async () => {
  await api.server.close();
  const error = await failureOf(api.client.request("GET", path));
  expect(error.message).toContain(`ECONNREFUSED ${api.server.url.replace("http://", "")}`);
  await api.server.listen();
});

test("an abort by the caller ends the request", async () => {
  api.server.failNext({ kind: "hang" });
  const stop = new AbortController();
  const request = api.client.request("GET", path, { signal: stop.signal });
  stop.abort();
  expect((await failureOf(request)).message).toBe(`GET ${path}: stopped before the answer came`);
});

test("what is sent is no part of an error, and neither are headers", async () => {
  api.server.failNext({ kind: "status", status: 422 });
  const own = openClient({
    read: () =>
      Promise.resolve({
        server: api.server.url,
        headers: { authorization: "Bearer hunter1" },
        tls: {},
      }),
    reset: () => undefined,
  });
  const error = await failureOf(own.client.request("PUT", path, { body: { uri: "hunter2" } }));
  await own.close();
  expect(api.server.requests[0]?.headers.authorization).toBe("Bearer hunter1");
  expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toMatch(/hunter/);
});

test("a refused token is renewed once, and the request sent again", async () => {
  let tokens = 0;
  let token = "token-0";
  const source: CredentialSource = {
    read: () =>
      Promise.resolve({ server: api.server.url, headers: { authorization: token }, tls: {} }),
    reset: () => {
      token = `token-${++tokens}`;
    },
  };
  const own = openClient(source);
  const refused = { kind: "status", status: 401 } as const;
  api.server.failNext(refused);
  await own.client.request("GET", path);
  expect(api.server.requests.map(({ headers }) => headers.authorization)).toEqual([
    "token-0",
    "token-1",
  ]);
  api.server.failNext(refused, refused);
  expect((await failureOf(own.client.request("GET", path))).code).toBe("K8S_FORBIDDEN");
  await own.close();
});
