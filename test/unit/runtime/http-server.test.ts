// The fixed pages of the process, asked over real HTTP.

import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startHttpServer } from "../../../src/runtime/http-server.ts";
import type { HttpServer, Routes } from "../../../src/runtime/http-server.ts";
import { MemoryLog } from "../../support/memory-log.ts";

const servers: HttpServer[] = [];
const log = new MemoryLog();

const routes: Routes = {
  "/metrics": () => Promise.resolve({ status: 200, contentType: "text/plain", body: "ü 1\n" }),
  "/readyz": () => ({ status: 503, contentType: "text/plain", body: "not yet\n" }),
  "/broken": () => {
    throw new Error("a bug with a secret");
  },
};

async function start(): Promise<string> {
  const server = await startHttpServer({ address: "127.0.0.1:0", routes, log });
  servers.push(server);
  return `http://${server.address}`;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const requests = [
  { name: "a page", method: "GET", path: "/metrics", wantStatus: 200, wantBody: "ü 1\n" },
  {
    name: "a page with a query",
    method: "GET",
    path: "/metrics?x=1",
    wantStatus: 200,
    wantBody: "ü 1\n",
  },
  {
    name: "only the head of a page",
    method: "HEAD",
    path: "/metrics",
    wantStatus: 200,
    wantBody: "",
  },
  {
    name: "a page's own status",
    method: "GET",
    path: "/readyz",
    wantStatus: 503,
    wantBody: "not yet\n",
  },
  {
    name: "an unknown page",
    method: "GET",
    path: "/secret",
    wantStatus: 404,
    wantBody: "not found\n",
  },
  {
    name: "a name of every object",
    method: "GET",
    path: "/constructor",
    wantStatus: 404,
    wantBody: "not found\n",
  },
  {
    name: "a write",
    method: "POST",
    path: "/metrics",
    wantStatus: 405,
    wantBody: "only GET and HEAD\n",
  },
  {
    name: "a page that fails",
    method: "GET",
    path: "/broken",
    wantStatus: 500,
    wantBody: "internal error\n",
  },
];

test.each(requests)("$name", async ({ method, path, wantStatus, wantBody }) => {
  const answer = await fetch(`${await start()}${path}`, { method });
  expect(answer.status).toBe(wantStatus);
  expect(await answer.text()).toBe(wantBody);
});

test("an address that is taken is said once, with the way out", async () => {
  const url = await start();
  const address = url.replace("http://", "");
  await expect(startHttpServer({ address, routes, log })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `listening on ${address}: EADDRINUSE: address already in use; choose another with --listen`,
    // The log prints a cause beside the message.
    cause: undefined,
  });
});

test.each(["8080", "host", "host:99999", "a:b:1", ""])("%j is no address", async (address) => {
  await expect(startHttpServer({ address, routes, log })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

test("closing does not wait for idle connections", async () => {
  const url = await start();
  await fetch(`${url}/metrics`);
  await servers.splice(0)[0]?.close();
  await expect(fetch(`${url}/metrics`)).rejects.toThrow();
});

test("whoever sends a body without end gets an answer, and the connection ends", async () => {
  const { port } = new URL(await start());
  const socket = connect(Number(port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A part of the body may be on its way when the server closes.
  socket.on("error", () => undefined);
  socket.write(
    "POST /readyz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000\r\n\r\nmore",
  );
  await once(socket, "close");
  const answer = Buffer.concat(chunks).toString();
  expect(answer).toContain("405 Method Not Allowed");
  expect(answer.toLowerCase()).toContain("connection: close");
});

test("a website whose name leads to this machine gets no page", async () => {
  const { port } = new URL(await start());
  const statusFor = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, path: "/metrics", headers: { host } };
      get(options, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
  expect(await statusFor("evil.example.com")).toBe(421);
  expect(await statusFor(`localhost:${port}`)).toBe(200);
});
