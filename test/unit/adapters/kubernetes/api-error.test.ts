// What the API server says of an object that it can never take, whatever the status of its answer.
import { expect, test } from "vitest";
import { ApiError } from "../../../../src/adapters/kubernetes/api-error.ts";

test.each([
  { message: "etcdserver: request is too large", want: "K8S_INVALID" },
  {
    message: "rpc error: code = ResourceExhausted desc = trying to send message larger than max",
    want: "K8S_INVALID",
  },
  { message: "etcdserver: leader changed", want: "K8S_UNAVAILABLE" },
])("HTTP 500 that says $message is $want", ({ message, want }) => {
  const error = new ApiError("PUT /status", 500, { body: { message } });
  expect(error).toMatchObject({ code: want });
  expect(error.retry).toBe(want === "K8S_INVALID" ? "never" : "backoff");
});
