// Whoever opens connections to the pages, over real sockets: what they may cost us, and that a
// probe gets in all the same.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type ConnectionLimits, usualLimits } from "../../../src/runtime/http-connections.ts";
import { type HttpServer, type Page, startHttpServer } from "../../../src/runtime/http-server.ts";
import { MemoryLog } from "../../support/memory-log.ts";

const ok: Page = { status: 200, contentType: "text/plain", body: "ok\n" };
const routes = { "/livez": () => ok, "/never": () => new Promise<Page>(() => undefined) };
const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

let server: HttpServer;
const sockets: Socket[] = [];

async function start(limits: Partial<ConnectionLimits> = {}): Promise<void> {
  const given = { ...usualLimits, ...limits };
  server = await startHttpServer({ address: ":0", routes, log: new MemoryLog(), limits: given });
}

async function open(): Promise<Socket> {
  const socket = connect(Number(server.address.split(":").at(-1)), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** All that the server says until it closes the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let said = "";
  socket.on("data", (piece: Buffer) => (said += piece.toString()));
  await once(socket, "close");
  return said;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

test("a connection that asks again before it has its answer is closed", async () => {
  await start({ answerWithinMs: 600_000 });
  const socket = await open();
  socket.write(ask("/never") + ask("/livez"));
  expect(await untilClosed(socket)).toBe("");
});

test("a connection that asks one thing after the other stays", async () => {
  await start();
  const socket = await open();
  for (let time = 0; time < 3; time++) {
    socket.write(ask("/livez"));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toContain("\r\n\r\nok\n");
  }
});

test("a connection that does not take its answer in for long is closed", async () => {
  await start({ answerWithinMs: 20 });
  const socket = await open();
  socket.write(ask("/never"));
  expect(await untilClosed(socket)).toBe("");
});

test("however many are open, a new one is answered, and the oldest gives way", async () => {
  await start({ connectionsMax: 3 });
  const oldest = await open();
  const closed = untilClosed(oldest);
  await open();
  await open();
  const probe = await open();
  probe.write(ask("/livez"));
  const [answer] = (await once(probe, "data")) as [Buffer];
  expect(answer.toString()).toContain("200 OK");
  expect(await closed).toBe("");
});
