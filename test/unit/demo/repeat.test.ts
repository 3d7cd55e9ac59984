// Watching goes on until it is stopped, and a failure is told instead of swallowed.
import { expect, test } from "vitest";
import { repeat } from "../../demo/repeat.ts";

test("rounds go on until stop, which waits for the round under way", async () => {
  const third = Promise.withResolvers<undefined>();
  const release = Promise.withResolvers<undefined>();
  let begun = 0;
  const told: string[] = [];
  const repetition = repeat(0, async () => {
    begun++;
    if (begun < 3) return;
    third.resolve(undefined);
    await release.promise;
    told.push("round over");
  });
  await third.promise;
  const stopped = repetition.stop().then(() => told.push("stopped"));
  await new Promise(setImmediate);
  release.resolve(undefined);
  await stopped;
  expect(begun).toBe(3);
  expect(told).toEqual(["round over", "stopped"]);
});

test("the first failure ends it and is told", async () => {
  let rounds = 0;
  const repetition = repeat(0, () => {
    rounds++;
    return Promise.reject(new Error("gone"));
  });
  await expect(repetition.failed).rejects.toThrow("gone");
  await repetition.stop();
  expect(rounds).toBe(1);
});
