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

test("a page is shared from when it was made, the longer the more it took to make", async () => {
  const clock = new VirtualClock();
  let makings = 0;
  const ask = sharedPage(
    async () => {
      makings += 1;
      await new Promise<void>((resolve) => clock.after(500, resolve));
      return page;
    },
    clock,
    1_000,
  );
  const first = ask();
  await clock.advance(500);
  await first;
  await clock.advance(9_999);
  expect(await ask()).toBe(page);
  expect(makings).toBe(1);
  await clock.advance(1);
  void ask();
  expect(makings).toBe(2);
});
