// Calls and marks that break a promise of this code base: a pure core, settings from one place,
// tests that exercise the real thing, limits without waivers, logs that can be searched.
import ts from "typescript";
import { lineOf, nodesOf } from "./source-files.ts";
import type { SourceFile, Violation } from "./source-files.ts";

type Ban = {
  readonly appliesTo: RegExp;
  readonly finds: (node: ts.Node) => string | undefined;
  readonly mend: string;
};

const PURE = /^src\/(domain|render|api|reconcile)\//;
const TEST = /^test\/.*\.test\.ts$/;
const LOG_LEVELS = new Set(["trace", "debug", "info", "warn", "error"]);

const BANS: readonly Ban[] = [
  {
    appliesTo: PURE,
    finds: (node) => call(node, /^(Date\.now|Math\.random|performance\.now)$/),
    mend: "take the time or the chance as an argument, or from the ports Clock and Random",
  },
  {
    appliesTo: PURE,
    finds: (node) => call(node, /^(globalThis\.)?(setTimeout|setInterval|setImmediate)$/),
    mend: "use the port Clock",
  },
  {
    appliesTo: PURE,
    finds: (node) =>
      ts.isNewExpression(node) && text(node.expression) === "Date" && !node.arguments?.length
        ? "new Date()"
        : undefined,
    mend: "give it the milliseconds that were passed in",
  },
  {
    appliesTo: /^src\/(?!(config|main)\.ts$)/,
    finds: (node) =>
      ts.isPropertyAccessExpression(node) && text(node) === "process.env" ? text(node) : undefined,
    mend: "let src/config.ts read it and pass the value on",
  },
  {
    appliesTo: /^test\//,
    finds: (node) => call(node, /^vi\.(mock|doMock|hoisted)$/),
    mend: "pass a fake of the port instead",
  },
  {
    appliesTo: TEST,
    finds: (node) => call(node, /^(it|test|describe)(\.\w+)*\.(skip|skipIf|runIf|todo|only)$/),
    mend: "call context.skip(when, reason) inside the test, so that the reason is printed",
  },
  {
    appliesTo: TEST,
    finds: (node) => {
      const name = call(node, /^(context|ctx|task)\.skip$|^skip$/);
      const reason = ts.isCallExpression(node) ? node.arguments.at(-1) : undefined;
      return reason !== undefined && mayBeText(reason) ? undefined : name;
    },
    mend: "name the reason as the last argument",
  },
  {
    appliesTo: /^src\//,
    finds: (node) => {
      const isLogCall = ts.isCallExpression(node) && isLogMethod(node.expression);
      const [, message] = isLogCall ? node.arguments : [];
      return isLogCall && !isConstantText(message) ? text(node.expression) : undefined;
    },
    mend: "call it with (fields, message): a constant message, everything variable in fields",
  },
];

/** Calls that are banned where they stand. */
export function bannedCalls(file: SourceFile): Violation[] {
  const bans = BANS.filter(({ appliesTo }) => appliesTo.test(file.path));
  if (bans.length === 0) return [];
  return nodesOf(file.syntax).flatMap((node) =>
    bans.flatMap(({ finds, mend }) => {
      const found = finds(node);
      if (found === undefined) return [];
      return [{ path: file.path, line: lineOf(file, node), problem: `has ${found}`, mend }];
    }),
  );
}

/** Marks that switch a check off. They are comments, so the text is searched. */
export function waivers(file: SourceFile): Violation[] {
  const mark = /(\/\/|\/\*)[\s*]*(eslint-(disable|enable)|@ts-(ignore|expect-error|nocheck))/;
  return file.text.split("\n").flatMap((line, position) => {
    const found = mark.exec(line)?.[2];
    if (found === undefined) return [];
    const mend = "mend the code: there are no waivers";
    return [{ path: file.path, line: position + 1, problem: `has ${found}`, mend }];
  });
}

function text(node: ts.Node): string {
  return node.getText().replaceAll(/\s/g, "");
}

function call(node: ts.Node, name: RegExp): string | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const called = text(node.expression);
  return name.test(called) ? called : undefined;
}

function mayBeText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isIdentifier(node);
}

function isConstantText(node: ts.Node | undefined): boolean {
  if (node === undefined) return false;
  if (ts.isConditionalExpression(node))
    return [node.whenTrue, node.whenFalse].every(isConstantText);
  return ts.isStringLiteralLike(node);
}

function isLogMethod(node: ts.Node): boolean {
  return (
    ts.isPropertyAccessExpression(node) &&
    LOG_LEVELS.has(node.name.text) &&
    /(^|\.)(log|logger)$/i.test(text(node.expression))
  );
}
