// The budget as a sum: its numbers are true, and what is left of them is the budget.

import { engines } from "../../../src/api/engines.ts";
import { expect, test } from "vitest";
import { budgetOf, type Capacity } from "../../../src/domain/supply/capacity.ts";
import { sayBudget } from "../../../src/domain/explain/say-budget.ts";
import { withheld } from "../../support/builders.ts";

const plain: Capacity = {
  engine: engines.PostgreSQL,
  ...{ maxConnections: 60, withheld: withheld(3), undeclaredSlots: 0 },
  ...{ declaredBy: "", cut: undefined, slots: 57, boundBy: "max_connections" },
  ...{ reserveSlots: 10, reserveBy: "shop/a", rolloutsMax: 1, rolloutsBy: "shop/a" },
};
const declared = {
  ...{ undeclaredSlots: 20, slots: 37, boundBy: "maxConnections of policy shop/a" },
};
const by = "CONNECTION LIMIT 30 of role app";
const limited = { slots: 30, boundBy: by, cut: { slots: 27, foreignSlots: 30, by } };

test.each([
  {
    name: "what the server has",
    more: {},
    foreign: 0,
    want: "max_connections 60 - superuser_reserved_connections 3 - reserve 10 - foreign sessions 0 - own session 1",
  },
  {
    name: "with slots of its own for a role",
    more: {
      slots: 55,
      withheld: withheld(3, 2),
    },
    foreign: 4,
    want: "max_connections 60 - superuser_reserved_connections 3 - reserved_connections 2 - reserve 10 - foreign sessions 4 - own session 1",
  },
  {
    name: "what is declared",
    more: declared,
    foreign: 21,
    want: "40 (maxConnections of policy shop/a) - superuser_reserved_connections 3 - reserve 10 - foreign sessions 1 (of 21: 20 fit outside the declared limit) - own session 1",
  },
  {
    name: "the limit of a role, and whom it does not count",
    more: limited,
    foreign: 57,
    want: `30 (${by}) - reserve 10 - foreign sessions 30 (of 57: 27 fit outside the CONNECTION LIMIT) - own session 1, which leaves nothing`,
  },
])("$name", ({ more, foreign, want }) => {
  const capacity = { ...plain, ...more };
  expect(sayBudget(capacity, foreign, 1)).toBe(want);
  const [first = 0, ...taken] = want.match(/(?<= )\d+(?= -|$|,| \()|^\d+/g)?.map(Number) ?? [];
  const left = taken.filter((_, at) => at < 5).reduce((sum, one) => sum - one, first);
  if (!want.includes("CONNECTION")) expect(budgetOf(capacity, foreign, 1)).toBe(left);
});

test("nothing is said of a session that is not there", () => {
  expect(sayBudget(plain, 0, 0)).not.toContain("own session");
});
