// Quoting, and which series an expression reads. That Prometheus agrees is tried in alerts.test.ts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inNamespace, literal, ofPolicy, ofServer, quote } from "../../../src/render/promql.ts";
import { hostileText } from "../../support/hostile-text.ts";

const subject = { namespace: "shop", policy: "orders", server: 'db"1:5432' };

describe("quote", () => {
  it("keeps any text inside of its quotes, for PromQL and for Go templates", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const quoted = quote(text);

        expect(quoted).toMatch(/^"([^"\\]|\\["\\]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"$/);
        expect(quoted).toMatch(/^[ -~]*$/);
        const json = quoted.replace(/\\(\\|U([0-9a-f]{8}))/g, (escape, _, digits?: string) =>
          digits === undefined ? escape : String.fromCodePoint(Number.parseInt(digits, 16)),
        );
        expect(JSON.parse(json)).toBe(text.toWellFormed());
      }),
    );
  });

  it.each<{ text: string; want: string }>([
    { text: "db.shop.svc:5432", want: '"db.shop.svc:5432"' },
    { text: 'a"b', want: '"a\\"b"' },
    { text: "a\\b", want: '"a\\\\b"' },
    { text: "a\nb", want: '"a\\u000ab"' },
    { text: "ü", want: '"\\u00fc"' },
    { text: "😀", want: '"\\U0001f600"' },
  ])("of $text is $want", ({ text, want }) => {
    expect(quote(text)).toBe(want);
  });
});

describe("expressions", () => {
  it("of a server name it, whatever is in its name", () => {
    expect(ofServer("m", subject)).toBe('max by (server) (m{server="db\\"1:5432"})');
  });

  it("of a policy read our label namespace under both names that Prometheus may give it", () => {
    expect(ofPolicy("m", subject, "workload")).toBe(
      'max by (workload) (m{policy="orders",namespace="shop",exported_namespace=""} or ' +
        'm{policy="orders",exported_namespace="shop"})',
    );
  });

  it("of pods read the policy's namespace only", () => {
    expect(inNamespace("m", subject)).toBe('m{namespace="shop"}');
  });

  it("a literal is a template that prints the text", () => {
    expect(literal("{{ x }}")).toBe('{{ "{{ x }}" }}');
  });
});
