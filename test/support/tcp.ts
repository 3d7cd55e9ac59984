// Servers that are no PostgreSQL, and a line to one that can be cut: what networks do to a client.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface TcpServer extends AsyncDisposable {
  readonly port: number;
}

/** Accepts on 127.0.0.1 and does with each connection what it is told. */
export async function startTcpServer(serve: (socket: Socket) => void): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export interface Line extends TcpServer {
  /** From now on nothing comes through, and nobody is told. */
  freeze(): void;
  /** From now on every connection is closed, new ones at once. */
  cut(): void;
  /** New connections come through again; the frozen ones never do. */
  thaw(): void;
}

/** A line to a port of 127.0.0.1 that can be cut. */
export async function startLine(toPort: number): Promise<Line> {
  let state: "whole" | "frozen" | "cut" = "whole";
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = await startTcpServer((near) => {
    if (state === "frozen") return;
    if (state === "cut") {
      near.destroy();
      return;
    }
    const far = connect(toPort, "127.0.0.1");
    const pair = [near, far] as const;
    far.on("error", () => undefined);
    near.pipe(far).pipe(near);
    near.on("close", () => {
      far.destroy();
      pairs.delete(pair);
    });
    far.on("close", () => near.destroy());
    pairs.add(pair);
  });
  return {
    ...server,
    freeze: () => {
      state = "frozen";
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.resume();
        far.resume();
      }
    },
    cut: () => {
      state = "cut";
      for (const [near] of pairs) near.destroy();
    },
    thaw: () => {
      state = "whole";
    },
  };
}
