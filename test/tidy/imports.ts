// Reads what a file imports, and whether only types of it: by `import`, `export … from`, `import()`
// and `typeof import()` alike.
import { posix } from "node:path";
import ts from "typescript";
import { lineOf, nodesOf } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";

export type Import = {
  /** As written: `./plan.ts`, `pg`, `node:fs`. */
  readonly specifier: string;
  /** Path from the root, for a file of ours. */
  readonly path: string | undefined;
  readonly isType: boolean;
  readonly line: number;
};

export function importsOf(file: SourceFile): Import[] {
  return nodesOf(file.syntax).flatMap((node) => {
    const found = asImport(node);
    if (found === undefined || !ts.isStringLiteral(found.specifier)) return [];
    const specifier = found.specifier.text;
    const isOurs = specifier.startsWith(".");
    const path = isOurs ? posix.join(posix.dirname(file.path), specifier) : undefined;
    return [{ specifier, path, isType: found.isType, line: lineOf(file, node) }];
  });
}

type Found = { readonly specifier: ts.Node; readonly isType: boolean };

function asImport(node: ts.Node): Found | undefined {
  if (ts.isImportDeclaration(node)) {
    return { specifier: node.moduleSpecifier, isType: importsOnlyTypes(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: node.moduleSpecifier, isType: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: node.argument.literal, isType: true };
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) {
    return undefined;
  }
  const [specifier] = node.arguments;
  return specifier && { specifier, isType: false };
}

/** `import { type A }` counts as an import of values: under our compiler settings it runs. */
function importsOnlyTypes(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}
