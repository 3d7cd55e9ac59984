// Replies are whole wherever the line cuts them, and what is none ends the session at once.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { command, Refusal, Replies, type Reply } from "../../../src/adapters/redis/replies.ts";
import { reply } from "../../fuzz/redis-grammar.ts";

/** In pieces of so many bytes each; the last one repeats. */
async function read(
  bytes: Buffer,
  sizes: readonly number[] = [bytes.length],
): Promise<Reply | undefined> {
  const replies = new Replies();
  const heard = replies.expect({});
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    replies.take(bytes.subarray(at, at + size));
    at += size;
  }
  return await Promise.race([heard, Promise.resolve(undefined)]);
}

const value = fc.letrec<{ value: never; list: never }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.nat(),
    fc.constant(null),
    tie("list"),
  ) as fc.Arbitrary<never>,
  list: fc.array(tie("value"), { maxLength: 5 }) as fc.Arbitrary<never>,
})).value;

test("a reply is the same however the line cuts it", async () => {
  const anyCuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(value, anyCuts, async (one, cuts) => {
      expect(await read(reply(one), cuts)).toEqual(one);
    }),
  );
});

test("a word, a refusal and the absence of a text or a list are told apart", async () => {
  expect(await read(Buffer.from("+OK\r\n"))).toBe("OK");
  expect(await read(Buffer.from("-NOAUTH no\r\n"))).toEqual(new Refusal("NOAUTH no"));
  expect(await read(Buffer.from("$-1\r\n"))).toBeNull();
  expect(await read(Buffer.from("*-1\r\n"))).toBeNull();
  expect(await read(Buffer.from("*0\r\n"))).toEqual([]);
  expect(await read(Buffer.from("$0\r\n\r\n"))).toBe("");
});

test.each([
  { name: "another protocol", text: "HTTP/1.1 400\r\n", want: "no known kind" },
  { name: "a greeting of MySQL", text: "J\0\0\0\n8.0.36", want: "no known kind" },
  { name: "a number that is none", text: ":1e9\r\n", want: "a number that is none" },
  { name: "a length below nothing", text: "$-2\r\n", want: "a number that is none" },
  { name: "a line without end", text: `+${"x".repeat(5_000)}`, want: "a line without end" },
  { name: "a line of an odd end", text: "+OK\n", want: "a line of an odd end" },
  { name: "a text that goes on", text: "$1\r\nxyz", want: "another length than it says" },
  { name: "too long a text", text: "$999999\r\n", want: "more than 128 KiB" },
  { name: "too long a list", text: "*513\r\n", want: "too long, or too deep" },
  { name: "lists that are too many", text: `*300\r\n*300\r\n`, want: "too long, or too deep" },
  { name: "lists in lists", text: "*1\r\n".repeat(5), want: "too long, or too deep" },
  { name: "more than was asked for", text: "+OK\r\n+OK\r\n", want: "nobody asked for" },
])("$name: $want", async ({ text, want }) => {
  await expect(read(Buffer.from(text))).rejects.toThrow(want);
});

describe("a text that somebody takes as it comes", () => {
  const taken = async (bytes: string, maxBytes: number): Promise<string[]> => {
    const replies = new Replies();
    const told: string[] = [];
    const take = (piece: Buffer): number => told.push(piece.toString());
    const end = (): number => told.push("end");
    const sink = { maxBytes: () => maxBytes, take, end };
    const heard = replies.expect({ sink });
    for (const piece of bytes.match(/[^]{1,4}/g) ?? []) replies.take(Buffer.from(piece));
    return [...told, JSON.stringify(await heard)];
  };

  test("gets all of it, and nothing is kept", async () => {
    expect(await taken("$6\r\nabcdef\r\n", 6)).toEqual(["abcd", "ef", "end", '""']);
  });

  test("may be as long as it says", async () => {
    await expect(taken("$7\r\nabcdefg\r\n", 6)).rejects.toThrow("the limit of one answer");
  });
});

test("a command has the length of each of its words in bytes", () => {
  expect(command(["AUTH", "päss"]).toString()).toBe("*2\r\n$4\r\nAUTH\r\n$5\r\npäss\r\n");
});
