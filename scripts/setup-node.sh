#!/usr/bin/env bash
# What a real Kubernetes node needs on this machine: containerd and runc, and a C compiler for the program that holds pods together.
# Installs what is missing if it can (root, apt); otherwise says what is missing. Running it again does nothing.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "a real node runs on Linux only" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "a real node needs root" >&2; exit 1; }
missing=()
command -v containerd >/dev/null || missing+=(containerd)
command -v runc >/dev/null || missing+=(runc)
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
[ -x /usr/lib/cni/loopback ] || missing+=(containernetworking-plugins)
[ ${#missing[@]} -eq 0 ] && exit 0
command -v apt-get >/dev/null || { echo "missing: ${missing[*]} (names of Debian's packages)" >&2; exit 1; }
echo "installing ${missing[*]}"
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; }
install || { apt-get update -qq && install; } || { echo "apt could not install ${missing[*]}" >&2; exit 1; }
