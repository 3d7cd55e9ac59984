// The golden file of the operator's rights: one line each, so that a review sees every right that
// somebody adds or widens. That each of them is needed is shown on a real API server, by
// test/integration/operator/rights.test.ts.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeRight, readInstall, rightsOf } from "../support/rights.ts";
import type { Right } from "../support/rights.ts";

const account = { name: "poolwarden", namespace: "poolwarden-system" };
const rights = rightsOf(await readInstall(), account);

test("the operator may do what test/golden/rights.txt lists, and nothing else", async () => {
  const golden = await readFile(join(import.meta.dirname, "rights.txt"), "utf8");
  expect(`${rights.map(describeRight).sort().join("\n")}\n`).toBe(golden);
});

test.each<{ what: string; isForbidden: (right: Right) => boolean }>([
  {
    what: "no wildcard",
    isForbidden: (right) => Object.values(right).some((value) => value?.includes("*") === true),
  },
  {
    what: "no secret, neither read nor listed: those are granted one by one, by who owns them",
    isForbidden: ({ resource }) => resource === "secrets",
  },
  {
    what: "no reach into pods but to evict them, and no right to give rights",
    isForbidden: ({ resource, verb }) =>
      (resource.startsWith("pods/") && resource !== "pods/eviction") ||
      ["escalate", "bind", "impersonate"].includes(verb),
  },
  {
    what: "nothing of leases outside its own namespace",
    isForbidden: ({ resource, namespace }) =>
      resource === "leases" && namespace !== account.namespace,
  },
])("among the rights is $what", ({ isForbidden }) => {
  expect(rights.filter(isForbidden).map(describeRight)).toEqual([]);
});
