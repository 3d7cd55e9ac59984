// What a connection to our pages may cost, since anybody in the cluster's network may open as many
// as he likes. One answer at a time: who sends the next request before he has read the last answer
// would have us keep both, and who reads none would have us keep all. No more than so many at once:
// the oldest gives way, so that a probe, which is new and done within a moment, always gets in.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionLimits {
  readonly connectionsMax: number;
  /** To take an answer in. */
  readonly answerWithinMs: number;
}

export const usualLimits: ConnectionLimits = { connectionsMax: 1_000, answerWithinMs: 10_000 };

/** Beyond the limit the connection that has been open for the longest is closed. */
export function limitConnections(server: Server, { connectionsMax }: ConnectionLimits): void {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    const [oldest] = open;
    if (open.size > connectionsMax) oldest?.destroy();
  });
}

/** Those whose last answer is under way. */
const answering = new WeakSet<Socket>();

/** False where the connection was closed, because its last answer was not taken in yet. */
export function beginAnswer(
  { socket }: IncomingMessage,
  response: ServerResponse,
  { answerWithinMs }: ConnectionLimits,
): boolean {
  if (answering.has(socket)) {
    socket.destroy();
    return false;
  }
  answering.add(socket);
  const timer = setTimeout(() => socket.destroy(), answerWithinMs);
  response.once("close", () => {
    clearTimeout(timer);
    answering.delete(socket);
  });
  return true;
}
