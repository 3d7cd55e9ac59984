// `make fuzz FRAMES=how-many SEED=first`: readings of servers that lie, until that many messages
// were sent. Each conversation has a seed of its own, so that one that breaks the law can be had
// again: SEED=that-seed FRAMES=1. What ends or hangs the process is told by the last line it wrote.

import { givenNumber } from "../support/given-setting.ts";
import { seededRandom } from "../support/prng.ts";
import { engines } from "./engines.ts";
import { type Engine, judge } from "./law.ts";

const atOnce = 8;

const framesWanted = givenNumber("FRAMES", { usual: 10_000, least: 1 });
const firstSeed = givenNumber("SEED", { usual: Math.floor(Math.random() * 1e9), least: 0 });
const sums = { messages: 0, servers: 0, broken: 0 };

for (const engine of engines) await fuzz(engine);
console.log(
  `fuzz: ${sums.messages} messages, ${sums.servers} servers, ${sums.broken} broken (SEED=${firstSeed})`,
);
if (sums.broken > 0) process.exitCode = 1;

async function fuzz(engine: Engine): Promise<void> {
  console.log(`${engine.name}: SEED=${firstSeed} FRAMES=${framesWanted}`);
  let [frames, seed] = [0, firstSeed];
  while (frames < framesWanted) {
    const drawn = Array.from({ length: framesWanted < atOnce ? 1 : atOnce }, (_, place) => ({
      seed: seed + place,
      ...engine.draw(seededRandom(seed + place)),
    }));
    console.log(`seeds from ${seed}, ${frames} messages so far`);
    const problems = await Promise.all(drawn.map(({ script }) => judge(engine, script)));
    problems.forEach((problem, place) => {
      if (problem === undefined) return;
      console.log(`BROKEN: SEED=${seed + place} FRAMES=1: ${problem}`);
      sums.broken += 1;
    });
    frames += drawn.reduce((sum, one) => sum + one.frames, 0);
    seed += drawn.length;
  }
  sums.messages += frames;
  sums.servers += seed - firstSeed;
}
