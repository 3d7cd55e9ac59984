// Who is a member of which limit.
import { poolKeyOf } from "../../../src/api/keys.ts";
import { expect, test } from "vitest";
import { isMember, membersAmong, type Membership } from "../../../src/domain/supply/limit.ts";

const role = {
  kind: "login",
  name: "role app",
  pools: new Set([poolKeyOf("bank/Deployment/web")]),
} as const;

test.each<{ readonly name: string; readonly limit: Membership; readonly want: boolean }>([
  { name: "the server's bounds everybody", limit: { kind: "server" }, want: true },
  { name: "a namespace's its own", limit: { kind: "namespace", name: "shop" }, want: true },
  { name: "not one whose name goes on", limit: { kind: "namespace", name: "sho" }, want: false },
  { name: "a role's not who logs in with another", limit: role, want: false },
])("$name", ({ limit, want }) => {
  expect(isMember(limit, poolKeyOf("shop/Deployment/web"))).toBe(want);
});

test("a role's bounds who logs in with it, whatever its namespace is called", () => {
  expect(isMember(role, poolKeyOf("bank/Deployment/web"))).toBe(true);
});

test("members among many are those that are members one by one, in their order", () => {
  const keys = ["shop", "bank", "sho", "bank", "shop"].map((name) =>
    poolKeyOf(`${name}/Deployment/web`),
  );
  const limits: readonly Membership[] = [
    { kind: "server" },
    { kind: "namespace", name: "shop" },
    { kind: "namespace", name: "none" },
    role,
    {
      ...role,
      pools: new Set(
        ["shop/Deployment/web", "sho/Deployment/web", "gone"].map((one) => poolKeyOf(one)),
      ),
    },
  ];
  const plain = limits.map((limit) =>
    [...keys.keys()].filter((place) => isMember(limit, keys[place] ?? poolKeyOf(""))),
  );
  expect(limits.map(membersAmong(keys))).toEqual(plain);
});
