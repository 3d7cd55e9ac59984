// Links of the documentation: what a relative link points to must be in the checkout, and an anchor
// must be a heading of that page, by GitHub's rules. Addresses of other sites are not looked at: a
// test must not need them.
import { posix } from "node:path";
import type { TextFile, Violation } from "./source-files.ts";

const OUTSIDE = /^(https?:|mailto:)/;

/** Links of all pages that lead nowhere. `paths` are the other files of the checkout. */
export function brokenLinks(pages: readonly TextFile[], paths: ReadonlySet<string>): Violation[] {
  const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
  return pages.flatMap((page) =>
    linksOf(page.text)
      .filter(({ target }) => !OUTSIDE.test(target))
      .flatMap(({ line, target }) => {
        const problem = problemOf(page.path, target, { anchors, paths });
        if (problem === undefined) return [];
        return [{ path: page.path, line, problem, mend: "mend the link, or what it names" }];
      }),
  );
}

type Known = {
  readonly anchors: ReadonlyMap<string, ReadonlySet<string>>;
  readonly paths: ReadonlySet<string>;
};

function problemOf(from: string, target: string, known: Known): string | undefined {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : posix.normalize(posix.join(posix.dirname(from), file));
  if (!exists(path.replace(/\/$/, ""), known)) return `links to ${target}, which is not there`;
  if (anchor === undefined || !path.endsWith(".md")) return undefined;
  if (known.anchors.get(path)?.has(anchor) === true) return undefined;
  return `links to ${target}, but ${path} has no such heading`;
}

/** A folder is there if something is in it. */
function exists(path: string, { paths }: Known): boolean {
  return paths.has(path) || [...paths].some((one) => one.startsWith(`${path}/`));
}

type Link = { readonly line: number; readonly target: string };

function linksOf(text: string): readonly Link[] {
  return proseOf(text).flatMap((line, position) =>
    [...line.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map(([, target = ""]) => ({
      line: position + 1,
      target,
    })),
  );
}

/** Lines without code, in which brackets mean something else. */
function proseOf(text: string): readonly string[] {
  let isCode = false;
  return text.split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) {
      isCode = !isCode;
      return "";
    }
    return isCode || line.startsWith("    ") ? "" : line.replace(/`[^`]*`/g, "");
  });
}

function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = headingsOf(text).map((heading) => {
    const slug = slugOf(heading);
    const earlier = seen.get(slug) ?? 0;
    seen.set(slug, earlier + 1);
    return earlier === 0 ? slug : `${slug}-${earlier}`;
  });
  const named = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = ""]) => name);
  return new Set([...anchors, ...named]);
}

function headingsOf(text: string): readonly string[] {
  let isCode = false;
  return text.split("\n").flatMap((line) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    return isCode ? [] : (/^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1] ?? []);
  });
}

/** As GitHub makes it of a heading. */
function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replace(/\s/g, "-");
}
