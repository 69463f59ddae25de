#!/usr/bin/env bash
# Installs the pinned packages, and a Node new enough to run TypeScript where the pinned one has no build for this platform.
set -euo pipefail
cd "$(dirname "$0")/.."
npm ci --no-audit --no-fund --loglevel=error
if ! node_modules/.bin/node --version >/dev/null 2>&1; then
  if ! node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>22||(a===22&&b>=19)?0:1)'; then
    npm install --no-save --no-package-lock --ignore-scripts=false --loglevel=error node@24
  fi
fi
