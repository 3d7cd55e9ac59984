// A server that sends what a script says, whatever it is asked: the wire as an attacker, a broken
// proxy or another product would use it. It knows no protocol, so it serves every engine.

import type { Socket } from "node:net";
import { startTcpServer, type TcpServer } from "../support/tcp.ts";

export interface Script {
  /** The first is sent after the first bytes of the client, or at once if the server greets. */
  readonly turns: readonly Buffer[];
  readonly greets: boolean;
  /** What it does when there is nothing left to send. */
  readonly then: "close" | "reset" | "silence";
  /** Into how many pieces each turn is cut. */
  readonly pieces: number;
}

/** Each connection gets the script from its beginning. */
export function startHostileServer(script: Script): Promise<TcpServer> {
  return startTcpServer((socket) => {
    const turns = [...script.turns];
    const next = (): void => {
      const turn = turns.shift();
      if (turn) void send(socket, turn, script.pieces);
      if (turns.length === 0) leave(socket, script.then);
    };
    socket.setNoDelay(true);
    socket.on("data", next);
    if (script.greets) next();
  });
}

async function send(socket: Socket, bytes: Buffer, pieces: number): Promise<void> {
  const length = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length && socket.writable; at += length) {
    socket.write(bytes.subarray(at, at + length));
    if (pieces > 1) await new Promise(setImmediate);
  }
}

function leave(socket: Socket, then: Script["then"]): void {
  // What is still on its way arrives first.
  if (then === "close") setImmediate(() => socket.end());
  if (then === "reset") setImmediate(() => socket.resetAndDestroy());
}
