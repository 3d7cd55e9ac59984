// A conversation with about one fault in it, whatever the protocol: turns of frames as a grammar
// makes them, of which some are spoiled, and how the line ends.

import type { Random } from "../../src/ports.ts";
import type { Script } from "./hostile-server.ts";
import { pick } from "./pick.ts";

type Turn = readonly Buffer[];

/** What becomes of one frame. */
export type Fault = (frame: Buffer, random: Random) => readonly Buffer[];

/** What a protocol brings. */
export interface Grammar {
  readonly turns: readonly Turn[];
  readonly faults: readonly Fault[];
  /** How often the server speaks first, of 1. */
  readonly greets: number;
}

/** As it is sent, and turn by turn. */
export function drawFrom(
  { turns, faults, greets }: Grammar,
  random: Random,
): { readonly script: Script; readonly turns: readonly Turn[] } {
  const spoiled = turns.map((turn) => spoil(turn, faults, random));
  const script: Script = {
    turns: spoiled.map((turn) => Buffer.concat(turn)),
    greets: random.next() < greets,
    then: pick(random, ["close", "close", "close", "close", "close", "close", "reset", "silence"]),
    pieces: pick(random, [1, 1, 2, 7, 100]),
  };
  return { script, turns: spoiled };
}

function spoil(turn: Turn, faults: readonly Fault[], random: Random): Turn {
  if (random.next() < 0.7) return turn;
  const place = Math.floor(random.next() * turn.length);
  const frame = turn[place];
  return frame ? turn.toSpliced(place, 1, ...pick(random, faults)(frame, random)) : turn;
}
