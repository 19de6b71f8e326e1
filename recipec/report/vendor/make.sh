#!/usr/bin/env bash
# Make charts.min.js and LICENSES.txt again, from the versions that package-lock.json pins.
# A test makes them in another folder (`make.sh FOLDER`) and compares.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/{package.json,package-lock.json,entry.js,.npmrc} "$work"
cd "$work"
npm ci --silent --no-fund --ignore-scripts >/dev/null
node_modules/.bin/esbuild entry.js --bundle --minify --format=iife --target=es2020 --legal-comments=none \
  --charset=utf8 --metafile=meta.json --log-level=error --outfile=bundle.js
packages=$(node -e '
  const inputs = Object.keys(require("./meta.json").inputs);
  const names = inputs.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  console.log([...new Set(names.filter(Boolean))].sort().join("\n"));
')
version() { node -p "require('./node_modules/$1/package.json').version"; }
{
  printf '/* Observable Plot %s and the parts of D3 that it uses (ISC), dagre %s (MIT); ' \
    "$(version @observablehq/plot)" "$(version @dagrejs/dagre)"
  printf 'licences: recipec/report/vendor/LICENSES.txt */\n'
  cat bundle.js
} >"$out/charts.min.js"
for package in $packages; do
  printf '%s %s\n\n' "$package" "$(version "$package")"
  cat node_modules/"$package"/LICENSE*
  printf '\n\n'
done >"$out/LICENSES.txt"
