#!/usr/bin/env bash
# Builds tfjs-node's binding against TensorFlow from PyPI (docs/native.md). Running it again does nothing; after `npm ci` it copies what it built.
#   scripts/native/build.sh          native-cpu
#   scripts/native/build.sh gpu      native-gpu: TensorFlow with its CUDA libraries
#   scripts/native/build.sh gpu-kit  the same without them, only into the cache: for a machine that has them (scripts/gpu-kit.sh)
set -euo pipefail
cd "$(dirname "$0")/../.."

tensorflow=2.18.1
kind=${1:-cpu}
case $kind in
  cpu) package=@tensorflow/tfjs-node; wheel=tensorflow-cpu ;;
  gpu) package=@tensorflow/tfjs-node-gpu; wheel='tensorflow[and-cuda]' ;;
  gpu-kit) package=@tensorflow/tfjs-node-gpu; wheel=tensorflow ;;
  *) echo "build.sh: expected cpu, gpu or gpu-kit, found $kind" >&2; exit 2 ;;
esac
cache=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}/native-$kind-$tensorflow
root=$PWD/node_modules/$package
binding=$root/lib/napi-v8/tfjs_binding.node
built=$cache/tfjs_binding.node

if [ "$kind" != gpu-kit ] && [ -f "$binding" ] && cmp -s "$binding" "$built" && [ -e "$cache/ready" ]; then exit 0; fi
[ "$(uname -sm)" = 'Linux x86_64' ] || { echo "make native: prebuilt TensorFlow is used on Linux x86_64 only; the wasm backend works here" >&2; exit 1; }
for tool in python3 g++; do
  command -v $tool >/dev/null || { echo "make native: $tool is missing (Debian: apt install python3 python3-pip g++); the wasm backend needs neither" >&2; exit 1; }
done

if [ ! -e "$cache/ready" ]; then
  echo "make native: fetching $wheel $tensorflow from PyPI into $cache"
  rm -rf "$cache" && mkdir -p "$cache/site"
  if [ "$kind" != gpu ]; then
    # The libraries do not depend on the version of Python, but wheels exist for some versions only.
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 --dest "$cache/wheel" "$wheel==$tensorflow"
    python3 - "$cache" <<'PY'
import glob, sys, zipfile
cache = sys.argv[1]
keep = ('tensorflow/include/', 'tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
with zipfile.ZipFile(glob.glob(cache + '/wheel/*.whl')[0]) as wheel:
    wheel.extractall(cache + '/site', [name for name in wheel.namelist() if name.startswith(keep)])
PY
    rm -rf "$cache/wheel"
  else
    python3 -m pip install --quiet --disable-pip-version-check --target "$cache/site" "$wheel==$tensorflow"
  fi
  lib=$cache/site/tensorflow
  echo "make native: compiling the binding"
  g++ -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8 -I"$PWD/node_modules/node-api-headers/include" -I"$lib/include" -I"$root" \
    "$root/binding/tfjs_backend.cc" "$root/binding/tfjs_binding.cc" -Wl,-rpath,"$lib" \
    "$lib/libtensorflow_cc.so.2" "$lib/libtensorflow_framework.so.2" -o "$built"
  touch "$cache/ready"
fi
[ "$kind" = gpu-kit ] && exit 0 # where there is no GPU, a binding in its place would make it the backend that is taken first
mkdir -p "$(dirname "$binding")"
cp "$built" "$binding"
echo "make native: backend native-$kind is ready"
