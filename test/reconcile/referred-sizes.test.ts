// Sizes that the variable does not hold itself: it refers to another variable, $(NAME), and that
// one to a third, or to a ConfigMap. What is counted is what the process reads; what is granted is
// what the API server writes over, by the same form of a reference.
import { describe, expect, it } from "vitest";
import { holdsNumber } from "../../src/reconcile/sizes/not-a-number.ts";
import {
  app,
  env,
  expectOf,
  findingsOf,
  hikari,
  hikariProperty,
  play,
} from "../support/situation.ts";

const size = (value: string): object => ({ name: "DB_POOL_MAX_SIZE", value });
const fromSecret = { name: "POOL", valueFrom: { secretKeyRef: { name: "web", key: "size" } } };

describe("a reference from the variable to another entry", () => {
  it("is followed whatever the length of its name", async () => {
    const podSpec = env(
      ["APP_DATABASE_POOL_SIZE", "40"],
      ["DB_POOL_MAX_SIZE", "$(APP_DATABASE_POOL_SIZE)"],
    );
    const situation = { name: "long", replicas: 4, podSpec };
    await expectOf(situation, { withoutFinding: "NotANumber", grant: 10, rolls: 1, ready: "True" });
  });

  it("is followed through a Secret, and written over", async () => {
    const podSpec = app({ env: [fromSecret, size("$(POOL)")] });
    const situation = { name: "secret", replicas: 4, data: { size: "40" }, podSpec };
    await expectOf(situation, { withoutFinding: "NotANumber", grant: 10, rolls: 1, ready: "True" });
  });

  it.each([
    { name: "a Secret", entries: [fromSecret, size("$(POOL)")], envFrom: [] },
    {
      name: "a whole Secret",
      entries: [size("$(size)")],
      envFrom: [{ secretRef: { name: "web" } }],
    },
    {
      name: "a chain of entries",
      entries: [{ name: "A", value: "50" }, { name: "B", value: "$(A)" }, size("$(B)")],
      envFrom: [],
    },
    {
      name: "an argument that refers to a Secret",
      entries: [fromSecret],
      envFrom: [],
      args: ["--db-pool-max-size=$(POOL)"],
    },
  ])("is counted through $name", async ({ name, entries, ...more }) => {
    const podSpec = app({ env: entries, ...more });
    const situation = { name, data: { size: "50" }, podSpec };
    const world = await play({ ...situation, maxConnections: 1_000, delivery: "Template" });
    expect(world.status("orders").workloads?.[0]?.heldSlots).toBe(150);
  });

  it("is never written over where the Secret holds no number", async () => {
    const podSpec = app({ env: [fromSecret, size("$(POOL)")] });
    const situation = { name: "word", data: { size: "fifty" }, podSpec };
    await expectOf(situation, { finding: ["NotANumber", "DB_POOL_MAX_SIZE"], rolls: 0 });
  });

  it("counts as unknown where the Secret says nothing", async () => {
    const podSpec = app({ env: [fromSecret, size("$(POOL)")] });
    const world = await play({ name: "nothing", podSpec });
    expect(findingsOf(world.status("orders"), "InvalidSize")).toEqual([]);
  });
});

describe("the form that the API server does not write over", () => {
  it.each([" $(SIZE)", "$(SIZE)\n", "40\u00a0", "40\u000b"])(
    "%j is granted nothing",
    async (value) => {
      const podSpec = env(["SIZE", "40"], ["DB_POOL_MAX_SIZE", value]);
      const want = { finding: ["NotANumber"], grant: undefined, rolls: 0, heldSlots: 120 } as const;
      await expectOf({ name: value, maxConnections: 200, podSpec }, want);
    },
  );

  it("a reference to a word is none", () => {
    const [word, entry] = [
      { name: "WORD", value: "x" },
      { name: "SIZE", value: "$(WORD)" },
    ];
    expect(holdsNumber(entry, [word, entry])).toBe(false);
  });
});

const maximum = "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE";
it.each([`$(${maximum})`, `$${maximum}`, `\${${maximum}:-40}`])(
  "an argument that takes a variable with a long name over does not win over it: %s",
  async (value) => {
    const command = ["sh", "-c", `exec java -jar app.jar --${hikariProperty}=${value}`];
    const podSpec = app({ env: [{ name: maximum, value: "40" }], command });
    const want = { withoutFinding: "SizeOverridden", grant: 14 };
    await expectOf({ name: value, entry: hikari, podSpec }, want);
  },
);
