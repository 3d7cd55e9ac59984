// HTML as values. Names, messages and errors of a cluster are other people's texts: whatever is put
// into a template is escaped, unless it was made by a template itself, so nobody can forget it.

/** Markup that is safe to show. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Fragment = Html | string | number | readonly Html[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template: attributes have to stand in quotes. */
export function html(pieces: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  return new Html(String.raw({ raw: pieces }, ...values.map(markupOf)));
}

function markupOf(value: Fragment): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === "object") return value.map(({ markup }) => markup).join("");
  return escaped(String(value));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? "");
}
