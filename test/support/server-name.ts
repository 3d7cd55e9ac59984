// A name of a database server that can be given to another server, as a Service is whose endpoints
// change: a port that passes sessions on, from the address that they come from.
import { connect } from "node:net";
import type { Socket } from "node:net";
import { startTcpServer } from "./tcp.ts";

export type ServerName = AsyncDisposable & {
  readonly port: number;
  /** New sessions go there, and those to the former one are ended. */
  pointTo(port: number): void;
};

export async function nameServer(first: number): Promise<ServerName> {
  let target = first;
  const lines = new Set<Socket>();
  const server = await startTcpServer((socket) => {
    const line = connect({
      ...{ host: "127.0.0.1", port: target },
      localAddress: socket.remoteAddress ?? "127.0.0.1",
    });
    lines.add(line);
    line.on("error", () => socket.destroy());
    line.on("close", () => {
      lines.delete(line);
      socket.destroy();
    });
    socket.on("close", () => line.destroy());
    socket.pipe(line).pipe(socket);
  });
  return {
    port: server.port,
    pointTo: (port) => {
      target = port;
      for (const line of lines) line.destroy();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
