// Cuts a stream of bytes at its newlines. Bytes, not text: a chunk may end within a character, and
// one 8 KB event is decoded once instead of being pieced together as strings.

import { OperatorError } from "../../errors.ts";
import { answerLimitBytes } from "./client.ts";

const newline = 0x0a;

/**
 * Lines without their newline, empty ones left out. Throws K8S_UNAVAILABLE if the stream ends
 * within a line (the connection was cut) or a line has no end.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = joined(parts, chunk.subarray(start, end));
      parts = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > answerLimitBytes) throw broken("an event without an end");
  }
  if (pendingBytes > 0) throw broken("the stream was cut within an event");
}

function joined(parts: readonly Uint8Array[], last: Uint8Array): Buffer {
  if (parts.length > 0) return Buffer.concat([...parts, last]);
  return Buffer.from(last.buffer, last.byteOffset, last.byteLength);
}

function broken(message: string): OperatorError {
  return new OperatorError("K8S_UNAVAILABLE", message);
}
