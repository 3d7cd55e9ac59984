// The commands that a condition prints where a secret may not be read. The rights themselves are
// held by test/golden/rights.test.ts.
import { describe, expect, it } from "vitest";
import { secretGrantCommands } from "../../../src/render/rights.ts";

describe("the commands that let it read a secret", () => {
  it("name one secret, its namespace and the usual account", () => {
    const commands = secretGrantCommands("shop", "orders-db");
    expect(commands).toContain("--verb=get --resource=secrets --resource-name=orders-db");
    expect(commands).toContain("-n shop");
    expect(commands).toContain("--serviceaccount=poolwarden-system:poolwarden");
  });

  it("name the account that it really has", () => {
    const commands = secretGrantCommands("shop", "orders-db", "databases:pools");
    expect(commands).toMatch(/--serviceaccount=databases:pools$/);
  });
});
