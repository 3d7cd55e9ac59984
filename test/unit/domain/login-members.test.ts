// Which policies may log in with a role or to a database.
import { expect, test } from "vitest";
import type { Login } from "../../../src/domain/supply/connection-limits.ts";
import type { PolicyFacts } from "../../../src/domain/facts/facts.ts";
import {
  isMemberOf,
  sayUnknownLogins,
  unknownLogins,
} from "../../../src/domain/supply/login-members.ts";
import { aDatabase, aPolicy, aReading, aSnapshot } from "../../support/builders.ts";

const role: Login = { kind: "role", name: "app" };
const unsaid = { role: undefined, database: undefined };
const address = { database: { address: "db:5432", maxConnections: 100 } };
const inForce = { status: { workloads: [] } };

const cases: readonly {
  readonly name: string;
  readonly policy: PolicyFacts;
  readonly isMember: boolean;
  readonly isUnknown: boolean;
}[] = [
  { name: "one that says so", policy: aPolicy(), isMember: true, isUnknown: false },
  {
    name: "one of another role",
    policy: aPolicy("b", { role: "other" }),
    isMember: false,
    isUnknown: false,
  },
  {
    name: "one that only names an address: any role may be its own",
    policy: aPolicy("b", { ...unsaid, spec: address }),
    isMember: true,
    isUnknown: false,
  },
  {
    name: "one whose secret cannot be read",
    policy: aPolicy("b", { ...unsaid, ...inForce }),
    isMember: false,
    isUnknown: true,
  },
];

test.each(cases)("$name", ({ policy, isMember, isUnknown }) => {
  const database = aDatabase({ reading: aReading({ roleLimits: { app: 20 } }) });
  const unknown = unknownLogins(aSnapshot({ database, policies: [policy] }));

  expect(isMemberOf(policy, role)).toBe(isMember);
  expect(unknown).toEqual(isUnknown ? [policy] : []);
});

test("a role that the server does not have: its real one may be limited, so growth waits for it", () => {
  const policy = aPolicy("b", {
    role: "ap",
    spec: { database: { secretRef: { name: "db" }, role: "ap" } },
    ...inForce,
  });
  const snapshot = aSnapshot({
    database: aDatabase({ reading: aReading({ roleLimits: { app: -1 } }) }),
    policies: [policy],
  });

  expect(unknownLogins(snapshot)).toEqual([policy]);
  expect(sayUnknownLogins(snapshot, "shop")).toMatch(
    /spec.database.role of policy \S+ is corrected: .* no role "ap"/,
  );
});
