// Names and texts in manifests that would be rows of nobody's, steer a terminal, be a command to a
// CI system or break out of a comment: they are refused, or printed harmlessly.

import { describe, expect, test } from "vitest";
import { markdownOf } from "../../../src/plan/answer-markdown.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  declared,
  manifests,
  planOn,
} from "../../support/plan-setup.ts";

const policy = aPolicyOn(declared);
const web = aWorkloadNamed("web");
const escape = "\u001b";

describe("a name that the API server refuses", () => {
  test.each([
    ["api/v2", 'metadata.name is "api/v2": it must have at most 253 lower-case letters'],
    ['"web\\n::warning::owned"', 'metadata.name is "web\\n::warning::owned": it must'],
    ['"web\\e[2J"', 'metadata.name is "web\\u001b[2J": it must'],
    ["Web", 'metadata.name is "Web"'],
    ["web..api", 'metadata.name is "web..api"'],
    ["a".repeat(254), 'metadata.name is "aaa'],
  ])("%s", async (name, want) => {
    const { code, stdout, stderr } = await planOn(manifests(policy, aWorkloadNamed(name)));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(want);
    expect(stderr).not.toMatch(/^::/m);
    expect(stderr).not.toContain(escape);
  });

  test("of a namespace, in a manifest and on the command line", async () => {
    const { stderr } = await planOn(manifests(policy, web.replace("shop", "shop.eu")));
    expect(stderr).toContain('metadata.namespace is "shop.eu": it must have at most 63');
    await expect(planOn(policy, ["-n", "shop/x"])).rejects.toThrow('--namespace "shop/x": it must');
  });

  test("with dots is one that it takes", async () => {
    const answer = await answerOn(manifests(policy, aWorkloadNamed("web.v2")));
    expect(answer.servers[0]?.pools[0]?.pool).toBe("Deployment/web.v2");
  });
});

describe("control characters", () => {
  const kind = `kind: "Odd\\n::warning::owned\\e[2J\\u2028x"`;

  test.each(["text", "markdown"])("are spaces in %s", async (form) => {
    const { stdout } = await planOn(manifests(policy, web, kind), ["-o", form]);
    expect(stdout).toContain("Odd ::warning::owned ");
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028]/u);
  });

  test("are spaces in what is refused", async () => {
    const version = '"poolwarden.dev/v9\\n::error::x\\e[2J"';
    const { stderr } = await planOn(policy.replace("poolwarden.dev/v1alpha1", version));
    expect(stderr).toContain("v9 ::error::x [2J");
    expect(stderr.trimEnd()).not.toMatch(/\p{Cc}/u);
    await expect(planOn(policy, ["--x\u001b"])).rejects.toThrow("Unknown option '--x '");
  });
});

test("a comment of Markdown calls nobody, names no issue and links to no page", async () => {
  const kind = `kind: "@org/team https://evil.example www.evil.example #1 ![a](b) \\u202egnp"`;
  const { stdout } = await planOn(manifests(policy, web, kind), ["-o", "markdown"]);

  expect(stdout).toContain(
    "@&#8203;org/team https:&#8203;//evil.example www&#8203;.evil.example #&#8203;1 !\\[a\\](b)  gnp",
  );
});

test("JSON has no character that steers a terminal, and says the same", async () => {
  const kind = `kind: "Odd\\x9b31m\\u202eX"`;
  const { stdout } = await planOn(manifests(policy, web, kind), ["-o", "json"]);

  expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.stringify(JSON.parse(stdout))).toContain("Odd\u009b31m\u202eX");
});

test("a ledger with backticks does not end its block in Markdown", async () => {
  const answer = await answerOn(manifests(policy, web));
  const servers = answer.servers.map((server) => ({ ...server, ledger: ["````", "x"] }));
  expect(markdownOf({ ...answer, servers })).toContain("`````text\n````\nx\n`````\n");
});
