// Which pools are held to the size that is recommended for them.
import { expect, test } from "vitest";
import { wantedSizeOf, whyNotHeld } from "../../../src/domain/demand/wanted-size.ts";
import type { Sizing } from "../../../src/api/sizing.ts";
import type { SaidUse } from "../../../src/domain/facts/facts.ts";
import { aPolicy, aSizing } from "../../support/builders.ts";

const use: SaidUse = { peak: 6, isFull: false, confidence: "Medium", pods: 3, kept: "" };
const share = aPolicy("orders", { spec: { demand: "Share" } });
const sizing = aSizing({ floor: 2 });

interface Row {
  readonly name: string;
  readonly use?: Partial<SaidUse>;
  readonly live?: true;
  readonly sizing?: Partial<Sizing>;
  readonly want?: number;
}

test.each<Row>([
  { name: "by its peak x 1.2", want: 8 },
  { name: "never below its floor", use: { peak: 1 }, want: 2 },
  { name: "not while too little is known", use: { confidence: "Low" } },
  { name: "not while it is full: nobody knows how much it would use", use: { isFull: true } },
  { name: "not in a long burst", use: { burst: "Long" } },
  { name: "in a short burst, where it needs restarts", use: { burst: "Short" }, want: 8 },
  { name: "not in a short burst, where it needs none", use: { burst: "Short" }, live: true },
  {
    name: "not where one of several processes may do all the work",
    sizing: { processesPerPod: 4 },
  },
  { name: "not where each worker has one", sizing: { maxSizeName: "RAILS_MAX_THREADS" } },
])("a pool is held to a size: $name", ({ use: more = {}, live, sizing: own = {}, want }) => {
  const known = { ...use, ...more };
  const pool = { use: known, sizing: { ...sizing, ...own }, ...(live && { live }) };
  expect(wantedSizeOf(share, pool)).toBe(want);
  expect(whyNotHeld(known, pool) === undefined).toBe(want !== undefined);
});

test("a pool without samples is held to none", () => {
  expect(wantedSizeOf(share, { sizing })).toBeUndefined();
});

test.each(["Advise", "Ignore"])("nobody is held to anything with demand: %s", (demand) => {
  expect(wantedSizeOf(aPolicy("orders", { spec: { demand } }), { use, sizing })).toBeUndefined();
});
