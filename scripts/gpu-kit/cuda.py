"""Asks a GPU through CUDA's own libraries, LD_LIBRARY_PATH being what libraries.py printed.

    python3 cuda.py ask OUT REPORT ARCHITECTURE   driver, devices, every library in REPORT, one matrix product, cuDNN: before TensorFlow is tried
    python3 cuda.py watch OUT COMMAND…            the device's memory while COMMAND holds the amount that it reports

Findings are printed and written to OUT as JSON. Any sign that the GPU is not used ends it with the reason. With --dry-run before the command
`ask` says what is missing without ending, and `watch` queries no device.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HOST_TO_DEVICE, DEVICE_TO_HOST = 1, 2
MAJOR, MINOR = 75, 76  # cudaDevAttrComputeCapabilityMajor, …Minor
SIZE = 256  # of the matrices in the product


class NoGpu(Exception):
    """The message says what is missing."""


def load(name):
    try:
        return ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise NoGpu(f"{name} cannot be loaded: {error}") from error


class Runtime:
    """The CUDA runtime that TensorFlow will use."""

    def __init__(self):
        load("libcuda.so.1")
        self.library = load("libcudart.so.12")
        self.library.cudaGetErrorString.restype = ctypes.c_char_p

    def call(self, function, *args):
        code = getattr(self.library, function)(*args)
        if code != 0:
            visible = os.environ.get("CUDA_VISIBLE_DEVICES")
            text = self.library.cudaGetErrorString(code).decode()
            raise NoGpu(f"{function} says '{text}' ({code})" + ("" if visible is None else f"; CUDA_VISIBLE_DEVICES is '{visible}'"))

    def number(self, function, *args):
        value = ctypes.c_int()
        self.call(function, ctypes.byref(value), *args)
        return value.value

    def capability(self):
        return tuple(self.number("cudaDeviceGetAttribute", attribute, 0) for attribute in (MAJOR, MINOR))

    def free_memory(self):
        """@returns bytes that no process holds"""
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self.call("cudaMemGetInfo", ctypes.byref(free), ctypes.byref(total))
        return free.value

    def to_device(self, values):
        pointer, size = ctypes.c_void_p(), ctypes.c_size_t(ctypes.sizeof(values))
        self.call("cudaMalloc", ctypes.byref(pointer), size)
        self.call("cudaMemcpy", pointer, values, size, HOST_TO_DEVICE)
        return pointer

    def to_host(self, pointer, values):
        self.call("cudaMemcpy", values, pointer, ctypes.c_size_t(ctypes.sizeof(values)), DEVICE_TO_HOST)


def version(number):
    """12050 → 12.5"""
    return f"{number // 1000}.{number % 1000 // 10}"


def nvidia_smi(*fields):
    program = shutil.which("nvidia-smi") or "/usr/local/nvidia/bin/nvidia-smi"
    try:
        asked = [program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader"]
        line = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30).stdout.splitlines()[0]
        return dict(zip(fields, (value.strip() for value in line.split(","))))
    except (OSError, subprocess.SubprocessError, IndexError):
        return {}


def check_libraries(report):
    missing = [each for each in report["required"] if each["path"] is None]
    if missing:
        names = "; ".join(f"{' nor '.join(each['lookedFor'])} (there: {', '.join(each['others']) or 'no version of it'})" for each in missing)
        raise NoGpu(f"TensorFlow cannot do without libraries that are not on this machine: {names}")
    for each in report["required"]:
        load(each["name"])
    taken = [f"{each['file']} for {each['name']}" for each in report["required"] if each["standsIn"]]
    return f"all load; {'standing in: ' + ', '.join(taken) if taken else 'none stands in for another'}"


def check_architecture(capability, architecture):
    if architecture and not (capability[0] == architecture // 10 and capability[1] >= architecture % 10):
        major, minor = capability
        raise NoGpu(f"the kit holds code for compute capability {architecture / 10} only, the device has {major}.{minor}: prepare with --arch {major}{minor}")


def check_product(runtime):
    """A product of small whole numbers by cuBLAS, which is exact. Its memory comes from the runtime, whose version differs from cuBLAS's where that stands in."""
    blas, handle, size = load("libcublas.so.12"), ctypes.c_void_p(), SIZE * SIZE
    if (code := blas.cublasCreate_v2(ctypes.byref(handle))) != 0:
        raise NoGpu(f"cublasCreate answers {code}")
    values = (ctypes.c_float * size)(*((i * 7 + i // SIZE) % 5 - 2 for i in range(size)))
    result = (ctypes.c_float * size)()
    source, target = runtime.to_device(values), runtime.to_device(result)
    one, zero, n = ctypes.c_float(1), ctypes.c_float(0), ctypes.c_int(SIZE)
    code = blas.cublasSgemm_v2(handle, 0, 0, n, n, n, ctypes.byref(one), source, n, source, n, ctypes.byref(zero), target, n)
    if code != 0:
        raise NoGpu(f"cublasSgemm answers {code}")
    runtime.to_host(target, result)
    for at in range(0, size, 997):  # entries by columns
        row, column = at % SIZE, at // SIZE
        expected = sum(a * b for a, b in zip(values[row::SIZE], values[column * SIZE : (column + 1) * SIZE]))
        if result[at] != expected:
            raise NoGpu(f"cublasSgemm gives {result[at]} at ({row}, {column}), expected {expected}")
    number = ctypes.c_int()
    blas.cublasGetVersion_v2(handle, ctypes.byref(number))
    return number.value


def check_cudnn():
    library, handle = load("libcudnn.so.9"), ctypes.c_void_p()
    library.cudnnGetVersion.restype = ctypes.c_size_t
    library.cudnnGetErrorString.restype = ctypes.c_char_p
    if (code := library.cudnnCreate(ctypes.byref(handle))) != 0:
        raise NoGpu(f"cudnnCreate says '{library.cudnnGetErrorString(code).decode()}' ({code})")
    return library.cudnnGetVersion()


def ask(report, architecture, note):
    """@param note receives the name and value of each finding @throws NoGpu"""
    runtime = Runtime()
    note("devices", runtime.number("cudaGetDeviceCount"))
    capability = runtime.capability()
    note("compute capability", "{}.{}".format(*capability))
    check_architecture(capability, architecture)
    note("CUDA of the driver", version(runtime.number("cudaDriverGetVersion")))
    note("CUDA runtime", version(runtime.number("cudaRuntimeGetVersion")))
    note("libraries", check_libraries(report))
    note("cuBLAS", check_product(runtime))
    note("matrix product", f"{SIZE}×{SIZE}, exact")
    note("cuDNN", check_cudnn())


def watch(command, runtime, note):
    """COMMAND prints a line of JSON with `heldMiB` once it holds that much, and ends when its input ends. @throws NoGpu"""
    before = runtime.free_memory() if runtime else 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        line = child.stdout.readline()
        taken = (before - runtime.free_memory()) / 2**20 if runtime else 0
    if not line:
        raise NoGpu(f"{command[0]} ended ({child.returncode}) and said nothing: its message stands above")
    for name, value in json.loads(line).items():
        note(name, value)
    if runtime is None:
        return
    held = json.loads(line)["heldMiB"]
    note("takenMiB", round(taken))
    if taken < held:
        raise NoGpu(f"TensorFlow holds {held} MiB, but the device has only {taken:.0f} MiB less: it computes on the CPU")


def main():
    dry_run = sys.argv[1] == "--dry-run"
    command, out, *args = sys.argv[2:] if dry_run else sys.argv[1:]
    found, failed = {}, None

    def note(name, value):
        found[name] = value
        print(f"gpu-kit: {name}: {value}", flush=True)

    try:
        if command == "ask":
            report, architecture = json.loads(Path(args[0]).read_text()), args[1]
            found["report"] = report
            note("device", nvidia_smi("name", "driver_version", "memory.total"))
            ask(report, None if architecture == "all" else int(architecture), note)
        else:
            for name in ("NVIDIA_TF32_OVERRIDE", "TF_FORCE_GPU_ALLOW_GROWTH", "TF_CUDNN_USE_AUTOTUNE"):
                note(name, os.environ.get(name, "not set"))
            watch(args, None if dry_run else Runtime(), note)
    except NoGpu as error:
        failed = str(error)
    Path(out).write_text(json.dumps({"v": 1, "dryRun": dry_run, "failed": failed, "found": found}, indent=1) + "\n")
    if failed and dry_run and command == "ask":
        print(f"gpu-kit: without --device cpu this would end here: THE GPU IS NOT USED: {failed}")
    elif failed:
        sys.exit(f"gpu-kit: {'' if dry_run else 'THE GPU IS NOT USED: '}{failed}")


if __name__ == "__main__":
    main()
