// Stands between the line and pg, which gets whole and checked messages only. What pg throws all
// the same ends that connection.

import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type pg from "pg";
import { Conversation, type LoginDemands } from "./conversation.ts";
import { Frames } from "./frames.ts";
import { guarded } from "./guarded.ts";

/** What pg's connection does with the stream, once it is known whether that is TLS. */
interface Listening {
  attachListeners(stream: EventEmitter): void;
}

/** Guards a client that is not connected yet. */
export function guard(client: pg.Client, socket: Socket, demands: LoginDemands): Frames {
  const conversation = new Conversation(demands);
  const frames = new Frames((code, body) => {
    conversation.check(code, body);
  });
  const listening = client.connection as unknown as Listening;
  const attach = listening.attachListeners.bind(listening);
  listening.attachListeners = (stream) => {
    const checked = new EventEmitter();
    attach(checked);
    handOn(stream, checked, { frames, socket });
  };
  return frames;
}

function handOn(
  stream: EventEmitter,
  checked: EventEmitter,
  { frames, socket }: { readonly frames: Frames; readonly socket: Socket },
): void {
  // With TLS it is not the socket itself.
  const line = stream === socket ? stream : guarded(stream, socket);
  line.on("data", (piece: Buffer) => {
    // What TLS still holds after that is of no interest.
    if (socket.destroyed) return;
    const whole = frames.take(piece);
    if (whole.length > 0) checked.emit("data", whole);
  });
}
