// Bundles the operator into one file that plain `node` runs, with every library in it: an image
// needs nothing else, and a start reads one file instead of a thousand. Not minified, so that a
// stack trace in a log still speaks of our functions.
import { join } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "esbuild";

const root = join(import.meta.dirname, "..", "..");

/** CommonJS inside an ES module: what is bundled still asks for `require` of Node's own modules. */
const REQUIRE = [
  "import { createRequire as poolwardenCreateRequire } from 'node:module';",
  "const require = poolwardenCreateRequire(import.meta.url);",
].join(" ");

/** Writes the bundle of an entry; returns its size in bytes. */
export async function writeBundle(entryPath: string, outputPath: string): Promise<number> {
  const { metafile } = await build({
    entryPoints: [entryPath],
    outfile: outputPath,
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node26",
    metafile: true,
    logLevel: "warning",
    banner: { js: REQUIRE },
    // pg asks for its native twin and lives without it.
    external: ["pg-native"],
    plugins: [clientNodeShakes],
  });
  return Object.values(metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0);
}

/**
 * client-node's modules only declare, yet its package.json does not say so, and 17 MB of generated
 * models would stay in the bundle.
 */
const clientNodeShakes: Plugin = {
  name: "client-node shakes",
  setup(esbuild): void {
    esbuild.onResolve({ filter: /^@kubernetes\/client-node|^\./ }, async (asked) => {
      const isWithin = /[/\\]@kubernetes[/\\]client-node[/\\]/.test(asked.importer);
      const { path, ...rest } = asked;
      if (asked.pluginData === "asked" || (path.startsWith(".") && !isWithin)) return undefined;
      const found = await esbuild.resolve(path, { ...rest, pluginData: "asked" });
      return { ...found, sideEffects: false };
    });
  },
};

if (import.meta.main) {
  const bytes = await writeBundle("src/main.ts", join(root, "dist", "poolwarden.js"));
  console.log(`dist/poolwarden.js: ${(bytes / 1024 / 1024).toFixed(1)} MB`);
}
