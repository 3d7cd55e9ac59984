// A pooler's name may mean any number of pods, and its look-up may never end.

import type { LookupFunction } from "node:net";
import { describe, expect, test } from "vitest";
import {
  addressesOf,
  onlyTo,
  podsMax,
  TooManyPods,
} from "../../../src/adapters/pgbouncer/addresses.ts";
import { parsePoolerUri } from "../../../src/domain/supply/pooler-uri.ts";

const parsed = parsePoolerUri("pgbouncer://u@pooler.shop.svc/pgbouncer");
if (parsed.kind === "problem") throw new Error(parsed.message);
const { uri } = parsed;

type Answer = Parameters<LookupFunction>[2];

function named(answerTo: (answer: Answer) => void): {
  uri: typeof uri;
  lookupFor: () => LookupFunction;
} {
  return {
    uri,
    lookupFor: () => (_host, _options, answer) => {
      answerTo(answer);
    },
  };
}

const limits = { timeoutMs: 50, signal: new AbortController().signal };

describe("the addresses of a name", () => {
  test("are each there once, in one order", async () => {
    const found = ["10.0.0.2", "10.0.0.1", "10.0.0.2"].map((address) => ({ address, family: 4 }));
    const settings = named((answer) => {
      answer(null, found);
    });
    const addresses = await addressesOf(settings, limits);
    expect(addresses.map(({ address }) => address)).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  test("may be one that is no list", async () => {
    const settings = named((answer) => {
      answer(null, "10.0.0.1", 4);
    });
    expect(await addressesOf(settings, limits)).toEqual([{ address: "10.0.0.1", family: 4 }]);
  });

  test("are not too many to read", async () => {
    const found = Array.from({ length: podsMax + 1 }, (_, place) => {
      return { address: `10.0.0.${place}`, family: 4 };
    });
    const settings = named((answer) => {
      answer(null, found);
    });
    await expect(addressesOf(settings, limits)).rejects.toThrow(TooManyPods);
  });

  test("are not waited for any longer than there is time", async () => {
    const settings = named(() => undefined);
    await expect(addressesOf(settings, limits)).rejects.toThrow("no answer within");
  });

  test("are not waited for once nobody wants them", async () => {
    const calledOff = new AbortController();
    const waiting = addressesOf(
      named(() => undefined),
      { timeoutMs: 60_000, signal: calledOff.signal },
    );
    calledOff.abort();
    await expect(waiting).rejects.toThrow("no answer within");
    const late = addressesOf(
      named(() => undefined),
      { timeoutMs: 60_000, signal: calledOff.signal },
    );
    await expect(late).rejects.toThrow("no answer within");
  });

  test("fail as the look-up does", async () => {
    const settings = named((answer) => {
      answer(Object.assign(new Error("who?"), { code: "ENOTFOUND" }), []);
    });
    await expect(addressesOf(settings, limits)).rejects.toThrow("who?");
  });
});

test.each([
  { options: { all: true }, want: [null, [{ address: "10.0.0.7", family: 4 }]] },
  { options: {}, want: [null, "10.0.0.7", 4] },
])("a pod is dialed by the pooler's name, at its own address", ({ options, want }) => {
  const settings = onlyTo(
    named(() => undefined),
    { address: "10.0.0.7", family: 4 },
  );
  let told: unknown[] = [];
  settings.lookupFor()("pooler.shop.svc", options, (...answer) => {
    told = answer;
  });
  expect([settings.uri.host, told]).toEqual(["pooler.shop.svc", want]);
});
