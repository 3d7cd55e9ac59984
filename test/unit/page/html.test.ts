// Nothing that comes from a cluster is markup.
import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "../../../src/page/html.ts";

test("a text is escaped, in an element as in an attribute", () => {
  const { markup } = html`<p title="${`"><script>`}">${"<b> & 'c'"}</p>`;

  expect(markup).toBe(`<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt; &amp; &#39;c&#39;</p>`);
});

test("what a template made is put in as it is, alone or as a list", () => {
  const items = ["a", "<"].map((text) => html`<li>${text}</li>`);

  expect(html`<i>${items}</i>`.markup).toBe("<i><li>a</li><li>&lt;</li></i>");
});

test("whatever a text is, it leaves no quote and no bracket", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(html`${text}`.markup).not.toMatch(/[<>"']/);
    }),
  );
});
