#!/usr/bin/env bash
# Builds servers that tests start, from their Go modules at pinned versions (docs/dependencies.md). Repeated, it does nothing.
#   scripts/servers/build.sh nats-server versitygw     prints the folder that holds the programs
# A program that is on the path already is not used: tests run what is pinned.
set -euo pipefail

module() {
  case $1 in
    nats-server) echo github.com/nats-io/nats-server/v2@v2.15.2 ;;
    versitygw) echo github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
    helm) echo helm.sh/helm/v4/cmd/helm@v4.3.1 ;;
    *) echo "build.sh: there is no server $1" >&2; exit 2 ;;
  esac
}

cache=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}/servers
for name in "$@"; do
  source=$(module "$name")
  stamp=$cache/$name.version
  if [ -x "$cache/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$source" ]; then continue; fi
  command -v go >/dev/null || { echo "$name: Go is missing to build $source (Debian: apt install golang, 1.24 or newer)" >&2; exit 1; }
  echo "building $source (minutes, once)" >&2
  mkdir -p "$cache"
  CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN="$cache" go install -trimpath -ldflags '-s -w' "$source" 2> "$cache/$name.log" ||
    { tail -n 20 "$cache/$name.log" >&2; exit 1; }
  echo "$source" > "$stamp"
done
