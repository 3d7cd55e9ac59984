// A page that many ask for: made once, and never a failure for longer than it lasts.

import { expect, test } from "vitest";
import { sharedPage } from "../../../src/runtime/shared-page.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const page = { status: 200, contentType: "text/plain", body: "ok" };

test("a page that could not be made is made again for the next who asks", async () => {
  let tries = 0;
  const ask = sharedPage(
    () => {
      tries += 1;
      if (tries === 1) throw new Error("no page yet");
      return page;
    },
    new VirtualClock(),
    1_000,
  );
  await expect(ask()).rejects.toThrow("no page yet");
  expect(await ask()).toBe(page);
  expect(await ask()).toBe(page);
  expect(tries).toBe(2);
});

test.each([
  { makingMs: 10, sharedMs: 1_000 },
  { makingMs: 500, sharedMs: 10_000 },
  { makingMs: 5_000, sharedMs: 30_000 },
])("a page that takes $makingMs ms is shared for $sharedMs ms after it", async (given) => {
  const clock = new VirtualClock();
  let makings = 0;
  const ask = sharedPage(
    async () => {
      makings += 1;
      await new Promise<void>((resolve) => clock.after(given.makingMs, resolve));
      return page;
    },
    clock,
    1_000,
  );
  const first = ask();
  await clock.advance(given.makingMs);
  await first;
  await clock.advance(given.sharedMs - 1);
  expect(await ask()).toBe(page);
  expect(makings).toBe(1);
  await clock.advance(1);
  void ask();
  expect(makings).toBe(2);
});
