// What an entry of --namespace-quotas may look like, and which one counts for a namespace.
import { expect, it } from "vitest";
import {
  type QuotaSetting,
  parseQuotaSetting,
  sayQuota,
  quotaFor,
  slotsOfQuota,
} from "../../../src/domain/supply/quota-settings.ts";

const share = (namespace: string, amount: number, unit: QuotaSetting["unit"]): QuotaSetting => {
  return { namespace, amount, unit };
};

it.each<[string, QuotaSetting]>([
  ["team-a=40%", share("team-a", 40, "percent")],
  ["b=50", share("b", 50, "slots")],
  ["*=100%", share("*", 100, "percent")],
])("%s", (text, want) => {
  expect(parseQuotaSetting(text)).toEqual(want);
});

it.each([
  { text: "team-a = 20%", want: "leave out the blanks" },
  { text: "a=20.5%", want: "the number must be whole" },
  { text: "a=20.5", want: "the number must be whole" },
  { text: "a=0", want: "the least is 1 or 1%" },
  { text: "a=00%", want: "the least is 1 or 1%" },
  { text: "a=101%", want: "the most is 100%" },
  { text: "a=1000000", want: "the most is 999999" },
  { text: "A=1", want: "a namespace is of lower-case letters, digits and -" },
])("of $text it says: $want", ({ text, want }) => {
  const parsed = parseQuotaSetting(text);
  expect("kind" in parsed && parsed.message).toContain(
    `${JSON.stringify(text)} is not a valid quota: ${want}; give `,
  );
});

it.each(["", "a", "a=", "=4", "a=0", "a=0%", "a=101%", "a=-1", "a=1.5", "A=1", "a*=1", "a=1=2"])(
  "cannot be %j",
  (text) => {
    const parsed = parseQuotaSetting(text);
    expect("kind" in parsed && parsed.message).toContain(
      `${JSON.stringify(text)} is not a valid quota`,
    );
    expect("kind" in parsed && parsed.message).toContain("team-a=40%");
  },
);

it.each([
  { namespace: "a", want: share("a", 1, "slots") },
  { namespace: "b", want: share("*", 2, "slots") },
])(
  "of namespace $namespace its own entry counts, else that of all others",
  ({ namespace, want }) => {
    const shares = [share("*", 2, "slots"), share("a", 1, "slots")];
    expect(quotaFor(namespace, shares)).toEqual(want);
  },
);

it("is none where nobody is named", () => {
  expect(quotaFor("a", [share("b", 1, "slots")])).toBe(undefined);
  expect(quotaFor("a", undefined)).toBe(undefined);
});

it.each([
  { name: "a percentage is rounded down", one: share("a", 40, "percent"), budget: 187, want: 74 },
  { name: "slots are slots", one: share("a", 50, "slots"), budget: 187, want: 50 },
  { name: "never more than the budget", one: share("a", 500, "slots"), budget: 187, want: 187 },
])("$name", ({ one, budget, want }) => {
  expect(slotsOfQuota(one, budget)).toBe(want);
});

it("is said as people write it", () => {
  expect(sayQuota(share("a", 40, "percent"))).toBe("40%");
  expect(sayQuota(share("a", 50, "slots"))).toBe("50 slots");
  expect(sayQuota(share("a", 1, "slots"))).toBe("1 slot");
});
