#!/usr/bin/env bash
# native-gpu on a machine that has a GPU and CUDA, but no network and nothing of ours (docs/native.md).
#   scripts/gpu-kit.sh prepare [--arch 90|all] [--bring PACKAGE==VERSION]… [--piece MIB]
#                                               here: packs the kit, and says which calls to make there
#   scripts/gpu-kit.sh receive                  there: takes the pieces that came with this call
#   scripts/gpu-kit.sh run [--device cpu] [STAGE…]
#                                               there: cuda, device, numbers, times, or all of them, into $OUT; --device cpu is a dry run
#   scripts/gpu-kit.sh table FOLDER…            here: what `run` left in folders, as RESULTS.md in bench/gpu
# There it needs bash, coreutils, grep, sed, and Python with PyTorch. Each stage writes what it found before the next one begins.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD/scripts/gpu-kit
kit=${GPU_KIT:-/tmp/ncsweep-gpu-kit}

say() { echo "gpu-kit: $*"; }
die() { echo "gpu-kit: $*" >&2; exit 1; }
fact() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["facts"][sys.argv[2]])' "$kit/manifest.json" "$1"; }

# Time limit of each stage, s: together with the unpacking, all four stay below ten minutes.
limit() {
  case $1 in
    cuda) echo 45 ;;
    device) echo 120 ;;
    numbers) echo 180 ;;
    times) echo 200 ;;
    *) die "no stage $1: there are cuda, device, numbers, times" ;;
  esac
}

# The checkout's sources beside the packages that the kit brought; the checkout itself is not changed.
make_tree() {
  local folder packages=$kit/node/node_modules workspaces=(protocol catalog collapse orchestrator worker report ncsweep cli)
  [ -d "$packages" ] || die "$kit has no Node yet: carry the pieces that \`receive\` names as missing"
  rm -rf "$kit/tree" "$packages/@ncsweep" "$packages/ncsweep"
  mkdir -p "$kit/tree" "$packages/@ncsweep"
  cp -r package.json bench sweeps "${workspaces[@]}" "$kit/tree/"
  for folder in "${workspaces[@]}"; do ln -s "$kit/tree/$folder" "$packages/@ncsweep/$folder"; done
  mv "$packages/@ncsweep/ncsweep" "$packages/ncsweep"
  ln -s "$packages" "$kit/tree/node_modules"
}

# What all stages share. Each stage is a separate process, so that its time can be limited.
settings() {
  export OUT TF_FORCE_GPU_ALLOW_GROWTH=true NVIDIA_TF32_OVERRIDE=0 TF_CPP_MIN_LOG_LEVEL=1 NO_COLOR=1
  # Cache of what the driver compiles, so that the second process of a stage finds it.
  export CUDA_MODULE_LOADING=LAZY CUDA_CACHE_PATH=$kit/compiled CUDA_CACHE_MAXSIZE=4000000000
  mkdir -p "$CUDA_CACHE_PATH"
  node=$kit/node/bin/node
  dry=() backend=native-gpu held=2048 sample=1000 workers=4
  if [ "$GPU_KIT_DEVICE" = cpu ]; then
    export CUDA_VISIBLE_DEVICES=''
    dry=(--dry-run) backend=native-cpu held=64 sample=6 workers=2
  fi
  if [ -e "$kit/without-autotune" ]; then export TF_CUDNN_USE_AUTOTUNE=0; fi
  libraries=$(python3 "$here/libraries.py" "$kit/cuda" "$kit/links" "$kit/libraries.json"):$kit/tensorflow
}

stage_cuda() {
  LD_LIBRARY_PATH=$libraries python3 "$here/cuda.py" "${dry[@]}" ask "$OUT/cuda.json" "$kit/libraries.json" "$(fact architecture)"
}

check_device() {
  (cd "$kit/tree" && TF_CPP_MIN_LOG_LEVEL=0 LD_LIBRARY_PATH=$libraries \
    python3 "$here/cuda.py" "${dry[@]}" watch "$OUT/device.json" "$node" bench/gpu/device.ts "$backend" "$held")
}

# A cuDNN much newer than TensorFlow may refuse the requests of TensorFlow's search for algorithms.
stage_device() {
  check_device && return
  say "once more without TensorFlow's search for algorithms (TF_CUDNN_USE_AUTOTUNE=0)"
  touch "$kit/without-autotune"
  export TF_CUDNN_USE_AUTOTUNE=0
  check_device && return
  rm "$kit/without-autotune" # that was not the reason
  return 1
}

# Without epoch 0: numbers by predicted labels of an untrained network are noise (docs/cli.md, verify).
stage_numbers() {
  local kind found failed=0
  for kind in evaluate snapshot; do
    found=$OUT/$kind.json
    (cd "$kit/tree" && LD_LIBRARY_PATH=$libraries "$node" cli/main.ts verify quickstart --store "$kit/reference" --on "$backend" \
      --kind $kind --where epoch=1,5,20,last --sample "$sample" --workers "$workers" --output json >"$found") || failed=1
    [ "$backend" = native-gpu ] || sed -i '1a\  "dryRun": true,' "$found"
    say "$kind: $(grep -cE '"verdict": "(equal|within tolerance)"' "$found" || true) of $(grep -c '"verdict"' "$found" || true) cells of native-cpu verified on $backend"
  done
  return $failed
}

# PyTorch keeps the machine's own LD_LIBRARY_PATH: its libraries find each other.
stage_times() {
  (cd "$kit/tree" && "$node" bench/gpu/times.ts --out "$OUT/times.json" --library-path "$libraries" --commit "$(fact commit)" "${dry[@]}")
}

run_stages() {
  local stage began rc outcome failed=0
  [ "$GPU_KIT_DEVICE" = gpu ] || say 'DRY RUN ON CPU, not a GPU result'
  for stage in "$@"; do
    began=$SECONDS rc=0 outcome='done'
    say "== $stage =="
    timeout -k 10 "$(limit "$stage")" "$BASH" "$here/../gpu-kit.sh" stage "$stage" || rc=$?
    [ $rc = 0 ] || failed=1 outcome=FAILED
    [ $rc != 124 ] || outcome="ended: it took longer than its $(limit "$stage") s"
    say "== $stage: $outcome, $((SECONDS - began)) s =="
    # Falling back to the CPU is not allowed.
    if [ $rc != 0 ] && [[ $stage = cuda || $stage = device ]]; then break; fi
  done
  # Only `cuda` runs before Node is unpacked.
  if [ "$*" != cuda ]; then "$kit/node/bin/node" "$kit/tree/bench/gpu/table.ts" --to "$OUT" "$OUT" || failed=1; fi
  return $failed
}

run() {
  export GPU_KIT_DEVICE=gpu
  if [ "${1:-}" = --device ]; then GPU_KIT_DEVICE=${2:-}; shift 2; fi
  case $GPU_KIT_DEVICE in gpu | cpu) ;; *) die "--device: expected cpu, for a dry run, or nothing, found $GPU_KIT_DEVICE" ;; esac
  local stages=("$@") stage
  [ ${#stages[@]} -gt 0 ] || stages=(cuda device numbers times)
  for stage in "${stages[@]}"; do limit "$stage" >/dev/null; done
  [ -f "$kit/manifest.json" ] || die "no kit in $kit: call \`receive\` with its pieces"
  [ "${stages[*]}" = cuda ] || make_tree
  [ -d "$kit/tensorflow" ] || [ "${stages[*]}" = cuda ] || die "$kit has no TensorFlow yet: carry the pieces that \`receive\` names as missing"
  export OUT=${OUT:-$PWD/out/gpu-kit}
  mkdir -p "$OUT"
  run_stages "${stages[@]}" 2>&1 | tee -a "$OUT/log.txt"
  return "${PIPESTATUS[0]}"
}

case ${1:-} in
  prepare) shift; exec "$here/prepare.sh" "$@" ;;
  receive) python3 "$here/payload.py" receive .cache/gpu-kit "$kit" ;;
  run) shift; run "$@" ;;
  stage) settings; "stage_$2" ;;
  table) node bench/gpu/table.ts "${@:2}" ;;
  *) sed -n '2,10p' "$0" >&2; exit 2 ;;
esac
