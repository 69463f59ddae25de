#!/usr/bin/env bash
# Installs PyTorch from PyPI once, outside the checkout, and makes this checkout's Python that has it and the program in python/
# (docs/native.md). Running it again does nothing; after `npm ci` it makes the small folder in node_modules again.
#   scripts/torch/setup.sh          what workers need
#   scripts/torch/setup.sh tests    and what tests of python/ need
set -euo pipefail
cd "$(dirname "$0")/../.."

lists=(python/requirements.txt)
case ${1:-} in
  '') ;;
  tests) lists+=(python/requirements-tests.txt) ;;
  *) echo "setup.sh: expected tests or nothing, found $1" >&2; exit 2 ;;
esac
python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  { echo "make torch: Python 3.11 or newer with venv is missing (Debian: apt install python3 python3-venv)" >&2; exit 1; }

# site_of LIST: the packages of a list, installed once into the cache; prints their folder.
site_of() {
  local key base site
  key=$({ python3 --version; cat "$1"; } | sha256sum | cut -c1-12)
  base=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}/torch/$(basename "$1" .txt)-$key
  site=$base/site
  if [ ! -e "$base/ready" ]; then
    echo "make torch: fetching $1 from PyPI into $base (once)" >&2
    rm -rf "$base" && mkdir -p "$base"
    python3 -m venv "$base/installer"
    "$base/installer/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --no-compile --target "$site" -r "$1" >&2
    rm -rf "$base/installer"
    touch "$base/ready"
  fi
  echo "$site"
}

here=node_modules/.torch
paths=$PWD/python/src
for list in "${lists[@]}"; do paths+=$'\n'$(site_of "$list"); done
# The tests' packages stay when workers' are asked for.
if [ -x "$here/bin/python" ] && [ -z "$(comm -13 <(sort "$here/paths") <(sort <<<"$paths"))" ]; then exit 0; fi
rm -rf "$here"
python3 -m venv --without-pip "$here"
echo "$paths" >"$here/paths"
cp "$here/paths" "$(echo "$here"/lib/python3*/site-packages)/ncsweep.pth"
# What a worker imports is compiled once, which halves the time of its start; an environment may forbid Python to keep it later.
PYTHONDONTWRITEBYTECODE='' "$here/bin/python" -c 'import ncsweep_torch.__main__'
echo "make torch: backend torch-cpu is ready$([ ! -e /dev/nvidiactl ] || echo ', and torch-cuda')" >&2
