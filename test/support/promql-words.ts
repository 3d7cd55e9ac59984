// What a PromQL expression names, found in its text. Our expressions write every metric with braces
// (`metric{}`), so that names, labels and words of the language can be told apart; an identifier
// that is none of them is an error, so that no metric can slip through.

/** A metric as an expression selects it, with the labels that it is selected by. */
export type Selector = {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
};

export type Matcher = { readonly label: string; readonly operator: string; readonly value: string };

const STRING = /"(?:[^"\\]|\\.)*"/g;
const SELECTOR = /([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:"(?:[^"\\]|\\.)*"|[^"{}])*)\}/g;
const GROUPING = /\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^()]*)\)/g;
const MATCHER = /([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")/g;

const WORDS: ReadonlySet<string> = new Set([
  ...["and", "or", "unless", "by", "on", "offset", "bool"],
  ...["sum", "max", "min", "avg", "count", "topk", "absent", "scalar", "vector", "time"],
  ...["rate", "increase", "changes", "clamp_min", "clamp_max", "histogram_quantile"],
  ...["min_over_time", "max_over_time", "last_over_time", "label_replace"],
]);

/** Every metric with its matchers, in the order of the text. */
export function selectorsIn(expression: string): readonly Selector[] {
  return [...expression.matchAll(SELECTOR)].map(([, metric = "", inside = ""]) => ({
    metric,
    matchers: [...inside.matchAll(MATCHER)].map(([, label = "", operator = "", value = ""]) => ({
      label,
      operator,
      value: value.slice(1, -1),
    })),
  }));
}

/** Labels that the expression groups or joins by. */
export function groupingLabelsIn(expression: string): readonly string[] {
  return [...withoutStrings(expression).matchAll(GROUPING)].flatMap(([, inside = ""]) =>
    inside
      .split(",")
      .map((label) => label.trim())
      .filter((label) => label !== ""),
  );
}

/** Identifiers that are neither a metric with braces nor a word of the language. */
export function strayWordsIn(expression: string): readonly string[] {
  const rest = withoutStrings(expression.replace(SELECTOR, " "))
    .replace(GROUPING, " ")
    .replace(/\[[^\]]*\]/g, " ");
  const words = rest.match(/[a-zA-Z_][a-zA-Z0-9_]*/g) ?? [];
  return words.filter((word) => !WORDS.has(word));
}

/** Queries inside the annotations of an alert, and labels that they print. */
export function namesInTemplate(template: string): {
  readonly queries: readonly string[];
  readonly labels: readonly string[];
} {
  const queries = [...template.matchAll(/\{\{ with query ("(?:[^"\\]|\\.)*") \}\}/g)];
  const labels = [...template.matchAll(/\$labels\.(\w+)/g)];
  return {
    queries: queries.map(([, text = '""']) => JSON.parse(text) as string),
    labels: labels.map(([, label = ""]) => label),
  };
}

function withoutStrings(expression: string): string {
  return expression.replace(STRING, '""');
}
