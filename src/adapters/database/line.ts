// The line to a server, before anybody speaks a protocol on it: whose name is looked up and which
// addresses may be contacted is decided here for every engine, and so is when it is given up.

import { type LookupFunction, Socket } from "node:net";
import type { ServerKey } from "../../domain/facts/facts.ts";
import type { ServerAddress } from "../../domain/supply/database-host.ts";
import type { BusyTime } from "./busy-time.ts";
import { AddressNotAllowed, NoAnswer } from "./failures.ts";
import { guarded, type Line } from "./guarded.ts";

export interface LineSettings {
  readonly uri: ServerAddress;
  /** Whether it may be contacted at the address that its name means. */
  readonly mayConnect: (server: ServerKey, address: string) => boolean;
  /** What looks the server's name up, as long as the answer is wanted. */
  readonly lookupFor: (isWanted: () => boolean) => LookupFunction;
  /** Takes note of how long the server keeps the thread. */
  readonly busy: BusyTime;
}

export interface Limits {
  readonly timeoutMs: number;
  /** Calls the work off. */
  readonly signal: AbortSignal;
}

/** Not connected yet: `connect(port, host)` of its socket does that. */
export function lineWith({ uri, mayConnect, lookupFor, busy }: LineSettings): Line {
  const line = { socket: new Socket(), busy };
  const socket = guarded(line.socket, line);
  const connect = socket.connect.bind(socket);
  const lookup = lookupFor(() => !socket.destroyed);
  const byName = (port: number, host: string): Socket => connect({ port, host, lookup });
  // Between the look-up and the first packet: a name may mean anything at any time.
  socket.on("lookup", (error: Error | null, address: string) => {
    if (!error && !mayConnect(uri.server, address)) socket.destroy(new AddressNotAllowed());
  });
  return { ...line, socket: Object.assign(socket, { connect: byName }) };
}

export interface Opening<Way, Opened> {
  readonly open: (way: Way, limits: Limits) => Promise<Opened>;
  /** What was thrown may be another thing on the next way. */
  readonly dependsOnWay: (error: unknown) => boolean;
}

/** By the first way on which it opens: the others are tried in the time that is left. */
export async function openOneWay<Way, Opened>(
  [first, ...others]: readonly [Way, ...Way[]],
  limits: Limits,
  opening: Opening<Way, Opened>,
): Promise<Opened> {
  const deadlineMs = performance.now() + limits.timeoutMs;
  try {
    return await opening.open(first, limits);
  } catch (error) {
    const leftMs = deadlineMs - performance.now();
    const [second, ...more] = others;
    if (others.length === 0 || leftMs <= 0 || !opening.dependsOnWay(error)) throw error;
    return await openOneWay([second as Way, ...more], { ...limits, timeoutMs: leftMs }, opening);
  }
}

/** Destroying the socket makes whatever a driver waits for fail with the error given here. */
export async function within<T>(
  limits: Limits,
  socket: Socket,
  work: () => Promise<T>,
): Promise<T> {
  const giveUp = (): void => {
    socket.destroy(new NoAnswer(!socket.pending, limits.timeoutMs));
  };
  const timer = setTimeout(giveUp, limits.timeoutMs);
  limits.signal.addEventListener("abort", giveUp, { once: true });
  try {
    limits.signal.throwIfAborted();
    return await work();
  } finally {
    clearTimeout(timer);
    limits.signal.removeEventListener("abort", giveUp);
  }
}
