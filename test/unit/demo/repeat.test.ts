// Watching goes on until it is stopped, and a failure is told instead of swallowed.
import { expect, test } from "vitest";
import { repeat } from "../../demo/repeat.ts";

test("rounds go on until stop, which waits for the round under way", async () => {
  const third = Promise.withResolvers<undefined>();
  let begun = 0;
  let ended = 0;
  const repetition = repeat(0, async () => {
    begun++;
    if (begun === 3) third.resolve(undefined);
    await Promise.resolve();
    ended++;
  });
  await third.promise;
  await repetition.stop();
  expect(begun).toBeGreaterThanOrEqual(3);
  expect(ended).toBe(begun);
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
