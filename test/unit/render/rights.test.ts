// The operator gets no right that could be more than it needs. That each is needed, and that they
// are enough, is for a run on a real API server to show.
import { describe, expect, it } from "vitest";
import { rights, secretGrantCommands } from "../../../src/render/rights.ts";

describe("the operator's rights", () => {
  it.each(rights)("$why: names every group, resource and verb", (right) => {
    expect(right.why).not.toBe("");
    expect(right.resources.length * right.verbs.length).toBeGreaterThan(0);
    expect(JSON.stringify(right)).not.toContain("*");
  });

  it("contain no secret: those are granted one by one, by who owns them", () => {
    expect(JSON.stringify(rights)).not.toContain("secrets");
  });

  it("reach leases in its own namespace only, and of them one by name", () => {
    const ofLeases = rights.filter(({ resources }) => resources.includes("leases"));
    expect(ofLeases.map(({ reach }) => reach)).toEqual(["own", "own"]);
    const unnamed = ofLeases.filter(({ ofLease }) => !ofLease);
    expect(unnamed.flatMap(({ verbs }) => verbs)).toEqual(["create"]);
  });
});

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
