// Sizes in the texts of a container: which are found, and how many of long or many texts. Whoever
// may edit a Deployment chooses how much there is to read.

import { describe, expect, test } from "vitest";
import { foundSettings } from "../../../../src/adapters/kubernetes/found-settings.ts";
import { expectCpuBelow } from "../../../support/cpu-time.ts";
import { projectContainers } from "../../../../src/adapters/kubernetes/project-containers.ts";

const limits = { read: 262_144, entries: 400, characters: 64_000 };
const filling = (characters: number): string => " ".repeat(characters);
const size = "--db-pool-max-size=40";

function namesIn(texts: readonly string[], within = limits): string[] {
  const { settings } = foundSettings(
    texts.map((text, at) => ({ place: `TEXT${at}`, text })),
    within,
  );
  return settings.map(({ place, value }) => `${place} ${value ?? ""}`);
}

describe("texts are read up to a bound", () => {
  test.each([
    { name: "a size at the end of what is read of a text", text: 65_536 - size.length, want: true },
    { name: "a size behind it", text: 65_536, want: false },
  ])("$name: $want", ({ text, want }) => {
    expect(namesIn([`${filling(text)}${size}`])).toEqual(want ? ["TEXT0 40"] : []);
  });

  test("a long text hides none that stands in the next one", () => {
    expect(namesIn([filling(100_000), size])).toEqual(["TEXT1 40"]);
  });

  test.each([
    { name: "behind as much as is read of all is not seen", most: 262_144, want: [] },
    { name: "just before it is", most: 262_144 - size.length, want: ["TEXT4 40"] },
  ])("a size $name", ({ most, want }) => {
    const part = Math.ceil(most / 4);
    const texts = [part, part, part, most - 3 * part].map(filling);
    expect(namesIn([...texts, size])).toEqual(want);
  });

  test("what is not read is said", () => {
    const text = { place: "args", text: size };
    expect(foundSettings([text], limits).isCut).toBe(false);
    const long = { place: "args", text: filling(262_144) };
    expect(foundSettings([long, text], limits)).toEqual({ settings: [], isCut: true });
  });

  test.each([
    { name: "as many as are kept", within: { ...limits, entries: 2 }, want: 2 },
    { name: "as many as have room", within: { ...limits, characters: 160 }, want: 2 },
  ])("of many sizes $name", ({ within, want }) => {
    const found = foundSettings([{ place: "args", text: `${size} ${size} ${size}` }], within);
    expect([found.settings.length, found.isCut]).toEqual([want, true]);
  });
});

describe("of a pod with ten containers", () => {
  const others = ["redis", "cache", "mail"].map((name) => `--${name}-pool-max-size=5`);
  const env = [
    { name: "CACHE_URL", value: "postgresql://cache/app?pool=1" },
    { name: "DATABASE_URL", value: "postgresql://db/app?pool=40" },
  ];
  const containers = Array.from({ length: 10 }, (_, at) => ({ name: `c${at}`, args: others, env }));

  test("each keeps the sizes that stand behind its first ones", () => {
    const kept = projectContainers({ containers });
    for (const { settings = [], isCut } of kept) {
      expect(settings.map(({ value }) => value)).toEqual(["5", "5", "5", "1", "40"]);
      expect(isCut).toBeUndefined();
    }
  });

  test("one that has more than have room says so", () => {
    const many = Array.from({ length: 200 }, (_, at) => `--db${at}-pool-max-size=5`);
    const [first] = projectContainers({ containers: [{ name: "c", args: many }, ...containers] });
    expect(first?.isCut).toBe(true);
  });
});

const ends = ["]", ",", ";", "\\", "}", "&", "|", "'", "];,\\", "}]", ";&|"];
const openings = [
  "",
  "postgres://h/",
  "x postgres://h/",
  "--pool-size=",
  "-DmaxPoolSize=",
  "gunicorn -w ",
];

describe("a value takes no time, whatever stands in it again and again", () => {
  test.each(ends)("%s, before a letter", (end) => {
    const texts = openings.map((opening) => `${opening}${end.repeat(65_000 / end.length)}y`);
    const env = texts.map((value, place) => ({ name: `DATABASE_URL_${place}`, value }));
    expectCpuBelow(100, () => {
      projectContainers({ containers: [{ name: "c", env }] });
      for (const args of [...texts, texts.slice(0, 4).join(" ")]) {
        projectContainers({ containers: [{ name: "c", args: [args] }] });
      }
    });
  });

  test("what ends a size, a list or a command is no part of a value", () => {
    const args = ["--pool-size=7;&|;", "x postgres://h/db?pool=9}],;\\"];
    const [kept] = projectContainers({ containers: [{ name: "c", args }] });
    expect(kept?.settings?.map(({ value }) => value)).toEqual(["7", "9"]);
  });
});
