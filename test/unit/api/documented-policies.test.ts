// Policies that the documentation shows: whatever YAML stands in README and docs can be read, and
// a PoolPolicy, or a part of one, is one that the operator understands, without a misspelt key.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { kind } from "../../../src/api/group.ts";
import { parseSpec } from "../../../src/api/poolpolicy.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const pages = ["README.md", ...globSync("{docs,charts,examples}/**/*.md", { cwd: root })].sort();
const database = { address: "db.shop.svc:5432", maxConnections: 200 };

type Block = { readonly place: string; readonly text: string };

const blocks: readonly Block[] = pages.flatMap((path) => {
  const page = readFileSync(join(root, path), "utf8");
  return [...page.matchAll(/```yaml\n(.*?)```/gs)].map(({ index, 1: text = "" }) => ({
    place: `${path}:${page.slice(0, index).split("\n").length}`,
    text,
  }));
});

/**
 * The spec of a policy, or one made of the entries that a block shows; undefined for other YAML.
 */
function specOf(value: unknown): object | undefined {
  const shown = Object(value) as Record<string, unknown>;
  if (shown["kind"] === kind) return shown["spec"] as object;
  if (shown["kind"] !== undefined) return undefined;
  return shown["workloads"] === undefined ? undefined : { database, ...shown };
}

/** Keys that stand in what was written and not in what was understood. */
function lostKeys(written: unknown, read: unknown, path = "spec"): readonly string[] {
  if (typeof written !== "object" || written === null) return [];
  return Object.entries(written).flatMap(([key, value]: [string, unknown]) => {
    const place = `${path}.${key}`;
    const found: unknown = Reflect.get(Object(read) as object, key);
    return found === undefined ? [place] : lostKeys(value, found, place);
  });
}

describe("YAML of the documentation", () => {
  it("is there", () => {
    expect(blocks.filter(({ place }) => place.startsWith("README.md"))).not.toEqual([]);
  });

  it.each(blocks)("$place", ({ text }) => {
    for (const document of parseAllDocuments(text)) {
      expect(document.errors).toEqual([]);
      const spec = specOf(document.toJS());
      if (spec === undefined) continue;
      const parsed = parseSpec(spec);
      expect(parsed).toHaveProperty("spec");
      expect(lostKeys(spec, "spec" in parsed ? parsed.spec : undefined)).toEqual([]);
    }
  });
});
