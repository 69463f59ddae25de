#!/usr/bin/env bash
# Builds servers that tests start, from their Go modules at pinned versions (docs/dependencies.md). Running it again does nothing.
#   scripts/servers/build.sh nats-server versitygw kube
#   scripts/servers/build.sh --missing kube helm       lists those that it would build
# A program that is already on the path is not used: tests run the pinned one.
set -euo pipefail
cd "$(dirname "$0")/../.."

module() {
  case $1 in
    nats-server) echo github.com/nats-io/nats-server/v2@v2.15.2 ;;
    versitygw) echo github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
    crane) echo github.com/google/go-containerregistry/cmd/crane@v0.22.1 ;;
    helm) echo helm.sh/helm/v4/cmd/helm@v4.3.1 ;;
    *) echo "build.sh: there is no server $1" >&2; exit 2 ;;
  esac
}

cache=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}/servers

kube_source() { (cd test/harness/kube && cat main.go go.mod go.sum | sha256sum | cut -c1-16); }
is_built() {
  if [ "$1" = kube ]; then
    [ -x "$cache/kube/kube" ] && [ "$(cat "$cache/kube/version" 2>/dev/null)" = "$(kube_source)" ]
  else
    [ -x "$cache/$1" ] && [ "$(cat "$cache/$1.version" 2>/dev/null)" = "$(module "$1")" ]
  fi
}

# Twice a minute, how many packages of a build are compiled: process, folder, and a log with a line for each.
show_progress() {
  local total start=$SECONDS
  total=$(cd "$2" && go list -deps . 2>/dev/null | wc -l)
  while kill -0 "$1" 2>/dev/null; do
    sleep 1
    [ $(((SECONDS - start) % 30)) -eq 0 ] || continue
    echo "  $((SECONDS - start)) s: $(wc -l < "$3") of at most $total packages are compiled" >&2
  done
}

# All programs of Kubernetes in one binary, from our module that links them; takes minutes and about 3 GB of memory.
build_kube() {
  local folder=test/harness/kube version=1.36.3 source building
  source=$(kube_source)
  command -v go >/dev/null || { echo "kube: Go 1.26 is missing" >&2; exit 1; }
  echo "building Kubernetes $version: about 25 minutes on two idle cores, an hour when they are busy, and 3 GB of memory, once" >&2
  mkdir -p "$cache/kube"
  (cd "$folder" && CGO_ENABLED=0 go build -v -buildvcs=false -mod=readonly -trimpath -o "$cache/kube/kube" -ldflags "-s -w
    -X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitMajor=1
    -X k8s.io/component-base/version.gitMinor=36" . 2> "$cache/kube.log") & building=$!
  show_progress "$building" "$folder" "$cache/kube.log"
  wait "$building" || { tail -n 20 "$cache/kube.log" >&2; exit 1; }
  for program in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl kwok; do
    ln -sf kube "$cache/kube/$program"
  done
  echo "$source" > "$cache/kube/version"
}

if [ "${1:-}" = --missing ]; then
  shift
  for name in "$@"; do is_built "$name" || echo "$name"; done
  exit 0
fi

for name in "$@"; do
  if is_built "$name"; then continue; fi
  if [ "$name" = kube ]; then build_kube; continue; fi
  source=$(module "$name")
  command -v go >/dev/null || { echo "$name: Go is missing to build $source (Debian: apt install golang, 1.24 or newer)" >&2; exit 1; }
  echo "building $source (a minute or two, once)" >&2
  mkdir -p "$cache"
  CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN="$cache" go install -trimpath -ldflags '-s -w' "$source" 2> "$cache/$name.log" ||
    { tail -n 20 "$cache/$name.log" >&2; exit 1; }
  echo "$source" > "$cache/$name.version"
done
