// The reader of expressions on which the tests of metric names rest: what it does not see, nobody
// checks.
import { describe, expect, it } from "vitest";
import {
  groupingLabelsIn,
  namesInTemplate,
  selectorsIn,
  strayWordsIn,
} from "../../support/promql-words.ts";

describe("what an expression names", () => {
  it.each([
    { text: "up{}", want: [{ metric: "up", matchers: [] }] },
    {
      text: 'sum(a{x="1",y!~"b|c"}) / max by (z) (d{q="}{"}[5m])',
      want: [
        {
          metric: "a",
          matchers: [
            { label: "x", operator: "=", value: "1" },
            { label: "y", operator: "!~", value: "b|c" },
          ],
        },
        { metric: "d", matchers: [{ label: "q", operator: "=", value: "}{" }] },
      ],
    },
  ])("selectors of $text", ({ text, want }) => {
    expect(selectorsIn(text)).toEqual(want);
  });

  it.each([
    { text: 'max by (a, b) (x{}) and on (c) y{s="by (d)"}', want: ["a", "b", "c"] },
    { text: "x{}", want: [] },
  ])("labels that $text groups by", ({ text, want }) => {
    expect(groupingLabelsIn(text)).toEqual(want);
  });

  it.each([
    { text: "sum by (a) (rate(x{}[5m])) > scalar(time()) or absent(y{})", want: [] },
    { text: "sum(naked_metric) > 1", want: ["naked_metric"] },
    { text: 'sum(x{l="naked"}) > other', want: ["other"] },
  ])("strays in $text", ({ text, want }) => {
    expect(strayWordsIn(text)).toEqual(want);
  });

  it("queries and labels of a template", () => {
    const text = 'has {{ with query "max(a{b=\\"c\\"})" }}x{{ end }} of {{ $labels.pod }}';
    expect(namesInTemplate(text)).toEqual({ queries: ['max(a{b="c"})'], labels: ["pod"] });
  });
});
