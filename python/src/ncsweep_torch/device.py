"""The device and how exactly it computes. float32 is float32: nothing is rounded to TF32 or bfloat16, and equal runs give equal numbers."""

import os
from dataclasses import dataclass
from pathlib import Path

import torch

BACKENDS = ("torch-cpu", "torch-cuda")


class DeviceUnusableError(Exception):
    """The backend cannot be used on this machine; the message says why, and what to do."""


@dataclass(frozen=True)
class Opened:
    """An opened device and what results say of it."""

    device: torch.device
    # Model of the CPU or GPU.
    name: str
    threads: int
    versions: dict[str, str]


def open_device(backend: str, threads: int) -> Opened:
    """Prepares this process for a backend; call once, before any tensor is made.

    `threads` are those of the CPU's kernels. Raises DeviceUnusableError.
    """
    if backend not in BACKENDS:
        raise DeviceUnusableError(f"backend {backend}: this program has {' and '.join(BACKENDS)}")
    # cuBLAS reads this when it starts; without it equal products may be summed in another order.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    compute_exactly()
    torch.set_num_threads(threads)
    versions = {"torch": str(torch.__version__)}
    if backend == "torch-cpu":
        return Opened(torch.device("cpu"), _cpu_model(), threads, versions)
    if not torch.cuda.is_available():
        raise DeviceUnusableError(
            "backend torch-cuda: PyTorch found no GPU. Remedy: see what nvidia-smi and CUDA_VISIBLE_DEVICES say; or use --backend torch-cpu"
        )
    versions |= {"cuda": str(torch.version.cuda), "cudnn": str(torch.backends.cudnn.version())}  # type: ignore[no-untyped-call]
    return Opened(torch.device("cuda"), torch.cuda.get_device_name(), threads, versions)


def compute_exactly() -> None:
    """Deterministic kernels only, no TF32, and no search for the fastest algorithm, which may choose another one each time."""
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else "unknown"
