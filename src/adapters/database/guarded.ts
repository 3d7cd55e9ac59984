// A listener that throws inside an event of a stream is an uncaught exception, which ends the
// process for everybody. What a listener meets there is the server's choice, and the DNS's, and
// many listeners are not ours: pg's, and those by which Node checks a certificate. So whatever any
// of them throws ends the line on which it was thrown, and its reading.

import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { BusyTime } from "./busy-time.ts";

/** The socket of a server, and what is counted of it. */
export interface Line {
  readonly socket: Socket;
  readonly busy: BusyTime;
}

/** The same stream: what is thrown in any of its events ends the line, on which it stands. */
export function guarded<T extends EventEmitter>(stream: T, { socket, busy }: Line): T {
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...told: unknown[]): boolean => {
    try {
      return busy.run(() => emit(event, ...told));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error("no error was thrown"));
      return true;
    }
  };
  return stream;
}
