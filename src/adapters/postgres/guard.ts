// Stands between the line and pg, which gets whole and checked messages only. What pg throws all
// the same ends that connection.

import { EventEmitter } from "node:events";
import type pg from "pg";
import type { Conversation } from "./conversation.ts";
import { BrokenProtocol } from "../database/failures.ts";
import { type AnswerRoom, Frames, type Framing } from "../database/frames.ts";
import { guarded, type Line } from "../database/guarded.ts";
import { shapeOf } from "./messages.ts";

/** What pg's connection does with the stream, once it is known whether that is TLS. */
interface Listening {
  attachListeners(stream: EventEmitter): void;
}

interface Heard {
  readonly conversation: Conversation;
  readonly room: AnswerRoom;
}

/** Guards a client that is not connected yet. */
export function guard(client: pg.Client, line: Line, { conversation, room }: Heard): Frames {
  const frames = new Frames(framingOf(conversation), room);
  const listening = client.connection as unknown as Listening;
  const attach = listening.attachListeners.bind(listening);
  listening.attachListeners = (stream) => {
    const checked = new EventEmitter();
    attach(checked);
    handOn(stream, checked, { frames, line });
  };
  return frames;
}

/** One byte for its kind, and four for the length of what follows the kind. */
const headerBytes = 5;

function framingOf(conversation: Conversation): Framing {
  return {
    headerBytes,
    lengthOf: (header) => {
      shapeOf(codeOf(header));
      const length = header.readUInt32BE(1);
      if (length < headerBytes - 1) throw new BrokenProtocol("a message without a length");
      return 1 + length;
    },
    check: (message) => {
      conversation.check(codeOf(message), message.subarray(headerBytes));
    },
  };
}

function codeOf(message: Buffer): string {
  return String.fromCharCode(message.readUInt8(0));
}

function handOn(
  stream: EventEmitter,
  checked: EventEmitter,
  { frames, line }: { readonly frames: Frames; readonly line: Line },
): void {
  // With TLS it is not the socket itself.
  const heard = stream === line.socket ? stream : guarded(stream, line);
  heard.on("data", (piece: Buffer) => {
    // What TLS still holds after that is of no interest.
    if (line.socket.destroyed) return;
    const whole = frames.take(piece);
    if (whole.length > 0) checked.emit("data", whole);
  });
}
