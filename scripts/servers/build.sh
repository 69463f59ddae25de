#!/usr/bin/env bash
# Builds servers that tests start, from their Go modules at pinned versions (docs/dependencies.md). Running it again does nothing.
#   scripts/servers/build.sh nats-server versitygw kube
# A program that is already on the path is not used: tests run the pinned one.
set -euo pipefail
cd "$(dirname "$0")/../.."

module() {
  case $1 in
    nats-server) echo github.com/nats-io/nats-server/v2@v2.15.2 ;;
    versitygw) echo github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
    helm) echo helm.sh/helm/v4/cmd/helm@v4.3.1 ;;
    *) echo "build.sh: there is no server $1" >&2; exit 2 ;;
  esac
}

cache=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}/servers
# All programs of Kubernetes in one binary, from our module that links them; takes minutes and about 3 GB of memory.
build_kube() {
  local folder=test/harness/kube version=1.36.3 source
  source=$(cat "$folder"/main.go "$folder"/go.mod "$folder"/go.sum | sha256sum | cut -c1-16)
  [ -x "$cache/kube/kube" ] && [ "$(cat "$cache/kube/version" 2>/dev/null)" = "$source" ] && return
  command -v go >/dev/null || { echo "kube: Go 1.26 is missing" >&2; exit 1; }
  echo "building Kubernetes $version (up to 20 minutes, once)" >&2
  mkdir -p "$cache/kube"
  (cd "$folder" && CGO_ENABLED=0 go build -buildvcs=false -mod=readonly -trimpath -o "$cache/kube/kube" -ldflags "-s -w
    -X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitMajor=1
    -X k8s.io/component-base/version.gitMinor=36" . 2> "$cache/kube.log") || { tail -n 20 "$cache/kube.log" >&2; exit 1; }
  for program in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl kwok; do
    ln -sf kube "$cache/kube/$program"
  done
  echo "$source" > "$cache/kube/version"
}

for name in "$@"; do
  if [ "$name" = kube ]; then build_kube; continue; fi
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
