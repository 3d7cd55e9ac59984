// A hostile server: at the login, or at the first question, it announces a message of 2 GiB and
// sends it as fast as it is taken. Plain, or inside of TLS.

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { ServerCertificate } from "./certificates.ts";
import { startTcpServer } from "./tcp.ts";
import type { TcpServer } from "./tcp.ts";

export interface Flooding {
  readonly when: "login" | "question";
  /** Undefined: it has no TLS. */
  readonly tls: ServerCertificate | undefined;
}

/** Accepts on 127.0.0.1; lets any user in if it waits for the question. */
export function startFloodingServer({ when, tls }: Flooding): Promise<TcpServer> {
  return startTcpServer((socket) => {
    socket.once("data", (first: Buffer) => {
      if (tls === undefined) greet(socket, when);
      else if (isTlsRequest(first)) secure(socket, tls, when);
      else socket.destroy();
    });
  });
}

/** Sends the beginning of a message of 2 GiB, and zeros until nobody takes them. */
export function flood(stream: Duplex): void {
  const zeros = Buffer.alloc(65_536);
  const sendMore = (): void => {
    while (stream.write(zeros));
  };
  stream.on("drain", sendMore);
  stream.write(Buffer.from([...Buffer.from("D"), 0x7f, 0xff, 0xff, 0xf0]));
  sendMore();
}

function secure(socket: Socket, tls: ServerCertificate, when: Flooding["when"]): void {
  const secured = new TLSSocket(socket, { isServer: true, cert: tls.certPem, key: tls.keyPem });
  secured.on("error", () => undefined);
  secured.once("data", () => {
    greet(secured, when);
  });
  socket.write("S");
}

const loggedIn = Buffer.from([
  ...[...Buffer.from("R"), 0, 0, 0, 8, 0, 0, 0, 0],
  ...[...Buffer.from("Z"), 0, 0, 0, 5, ...Buffer.from("I")],
]);

function greet(stream: Duplex, when: Flooding["when"]): void {
  if (when === "login") {
    flood(stream);
    return;
  }
  stream.once("data", () => {
    flood(stream);
  });
  stream.write(loggedIn);
}

function isTlsRequest(message: Buffer): boolean {
  return message.length === 8 && message.readInt32BE(4) === 80_877_103;
}
