#!/usr/bin/env bash
# Installs the peers of a list of pinned packages from PyPI into a virtual environment outside the checkout, once, and prints its python.
#   bench/peers/setup.sh orchestrators      # from bench/peers/orchestrators.txt
# A list names every package with its version, those that others need included: nothing is resolved here.
set -euo pipefail
cd "$(dirname "$0")"
list=$1.txt
[ -f "$list" ] || { echo "setup.sh: there is no list bench/peers/$list" >&2; exit 2; }
command -v python3 >/dev/null || { echo "bench: python3 is missing (Debian: apt install python3 python3-venv)" >&2; exit 1; }
base=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}/bench
venv=$base/$1-$({ python3 --version; cat "$list"; } | sha256sum | cut -c1-12)
if [ ! -e "$venv/ready" ]; then
  echo "bench: installing $1 into the cache (once)" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$list" >&2
  touch "$venv/ready"
fi
echo "$venv/bin/python"
