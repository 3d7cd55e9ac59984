// What a server says of a login is for whoever has it.

import { expect, test } from "vitest";
import { failureToldTo } from "../../../src/domain/explain/told-failure.ts";

const said = { reason: "AuthenticationFailed", message: "no entry for app_shop" } as const;

test.each([
  { name: "to the namespace of that login", toldTo: ["bank", "shop"], isTold: true },
  { name: "to everybody, where it is about the server", toldTo: undefined, isTold: true },
  { name: "and to nobody else", toldTo: ["bank"], isTold: false },
])("it is told $name", ({ toldTo, isTold }) => {
  const failure = toldTo ? { ...said, toldTo } : said;

  const { reason, message } = failureToldTo("shop", failure, "db:5432");

  expect(reason).toBe("AuthenticationFailed");
  expect(message.includes("app_shop")).toBe(isTold);
});
