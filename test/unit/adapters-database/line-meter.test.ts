// What a server sends below the protocol, such as TLS key updates without end, on a real line.

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { LineMeter } from "../../../src/adapters/database/line-meter.ts";

const kibibyte = Buffer.alloc(1024);

/** Whether the line is closed by us before the server, who has sent so much, closes it. */
async function isClosedAfter(sentKiB: number, isAsked: boolean): Promise<boolean> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    for (let sent = 0; sent < sentKiB; sent++) socket.write(kibibyte);
    socket.write("!");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const line = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const meter = new LineMeter(line, 5);
  if (isAsked) meter.expectAnswer();
  const closed = once(line, "error").then(() => true);
  const arrived = new Promise<boolean>((resolve) => {
    line.on("data", (piece) => {
      // Two more looks of the meter, which would have closed it.
      if (piece.at(-1) === 33)
        setTimeout(() => {
          resolve(false);
        }, 20);
    });
  });
  const isClosed = await Promise.race([closed, arrived]);
  line.destroy();
  server.close();
  return isClosed;
}

test.each([
  { name: "stays with what sessions need", sentKiB: 256, isAsked: false, want: false },
  {
    name: "is closed with more, where nothing was asked",
    sentKiB: 513,
    isAsked: false,
    want: true,
  },
  { name: "stays with a large answer", sentKiB: 2_048, isAsked: true, want: false },
  { name: "is closed with more than any answer is", sentKiB: 4_097, isAsked: true, want: true },
])("a line $name", async ({ sentKiB, isAsked, want }) => {
  expect(await isClosedAfter(sentKiB, isAsked)).toBe(want);
});
