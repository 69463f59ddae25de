#!/usr/bin/env bash
# torch-cuda on a machine that has a GPU and this checkout, but neither Node nor a network: what it computes, and how fast.
#   scripts/gpu-check.sh             into $OUT/gpu.md (default out/gpu-check)
#   scripts/gpu-check.sh --device cpu   the same on the CPU, a rehearsal; the table says so
# There it needs bash and a python3 with torch, numpy, safetensors and pyarrow. Both stages together take less than six minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
device=cuda
case ${1:-} in
  '') ;;
  --device) device=${2:-} ;;
  *) sed -n '2,6p' "$0" >&2; exit 2 ;;
esac
case $device in cpu | cuda) ;; *) echo "gpu-check: --device: expected cpu or cuda, found $device" >&2; exit 2 ;; esac
python=${PYTHON:-python3}
missing=$("$python" - <<'PY'
import importlib.util
print(*(name for name in ("torch", "numpy", "safetensors", "pyarrow") if importlib.util.find_spec(name) is None))
PY
)
[ -z "$missing" ] || { echo "gpu-check: $python lacks $missing. Remedy: bring their wheels (python/requirements.txt), or name another interpreter in PYTHON" >&2; exit 1; }
out=${OUT:-out/gpu-check}
mkdir -p "$out"
export CUBLAS_WORKSPACE_CONFIG=:4096:8 OMP_WAIT_POLICY=PASSIVE
{
  echo "# torch-$device"
  [ "$device" = cuda ] || printf '\n**A rehearsal on the CPU, not a GPU result.**\n'
  timeout -k 10 170 "$python" scripts/gpu-check/contract.py "torch-$device" || { printf '\n**The contract check failed or took longer than 170 s.**\n'; }
  timeout -k 10 170 "$python" scripts/gpu-check/kernels.py "$device" 140 || { printf '\n**The benchmark failed or took longer than 170 s.**\n'; }
} | tee "$out/gpu.md"
! grep -q 'failed or took longer' "$out/gpu.md"
