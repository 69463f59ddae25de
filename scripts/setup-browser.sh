#!/usr/bin/env bash
# Makes a Chromium available for the browser tier: NCSWEEP_CHROMIUM, an installed one, or Debian's package when run as root.
set -euo pipefail
[ -n "${NCSWEEP_CHROMIUM:-}" ] && [ -x "$NCSWEEP_CHROMIUM" ] && exit 0
for name in chromium chromium-browser google-chrome; do command -v "$name" >/dev/null && exit 0; done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
else
  echo "browser tier: no Chromium found. Remedy: install chromium, or set NCSWEEP_CHROMIUM to its path." >&2
  exit 1
fi
