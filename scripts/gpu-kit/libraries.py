"""Finds the CUDA libraries that TensorFlow opens by name at run time: `python3 libraries.py BROUGHT LINKS REPORT`.

Makes a link in LINKS for each name that TensorFlow opens, writes what was found where into REPORT as JSON, and prints the value for LD_LIBRARY_PATH.
TensorFlow 2.18 is built for CUDA 12. Where a machine has only CUDA 13, its libraries stand in under the names of CUDA 12, all but the runtime, which is
brought: TensorFlow needs functions that 13 no longer has. It looks functions up by name and checks no version but cuDNN's, which has to be 9.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

# What TensorFlow opens, and what may stand in for it.
REQUIRED = {
    "libcudart.so.12": [],
    "libcublas.so.12": ["libcublas.so.13"],
    "libcublasLt.so.12": ["libcublasLt.so.13"],
    "libcufft.so.11": ["libcufft.so.12"],
    "libcusolver.so.11": ["libcusolver.so.12"],
    "libcusparse.so.12": [],
    "libcudnn.so.9": [],
}
# Needed by some operations, and by others of these libraries.
OPTIONAL = {
    "libnvrtc.so.12": ["libnvrtc.so.13"],
    "libcupti.so.12": ["libcupti.so.13"],
    "libnvJitLink.so.12": ["libnvJitLink.so.13"],
}
DRIVER = "libcuda.so.1"
DRIVER_FOLDERS = ["/usr/local/nvidia/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib"]


def from_python():
    """Folders of the libraries that came with PyTorch, found without importing it."""
    folders = []
    for name, below in (("nvidia", "*/lib"), ("torch", "lib")):
        spec = importlib.util.find_spec(name)
        for root in (spec and spec.submodule_search_locations) or []:
            folders += sorted(Path(root).glob(below))
    return folders


def from_loader():
    """Folders of the loader's cache, in its order."""
    try:
        listed = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return list(dict.fromkeys(Path(path).parent for path in re.findall(r"=> (/\S+)", listed)))


def from_environment():
    return [Path(folder) for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]


def from_toolkit():
    roots = sorted(Path("/usr/local").glob("cuda*"), reverse=True)
    return [folder for root in roots for folder in (root / "lib64", root / "targets/x86_64-linux/lib") if folder.is_dir()]


def places(brought):
    """(origin, folders): the first one that has a name provides it."""
    return [
        ("brought", [brought]),
        ("PyTorch", from_python()),
        ("LD_LIBRARY_PATH", from_environment()),
        ("ldconfig", from_loader()),
        ("/usr/local/cuda", from_toolkit()),
    ]


def find(name, stand_ins, searched):
    """The exact name anywhere takes precedence over a stand-in. @returns REPORT's entry; for a name found nowhere, which other versions exist"""
    for candidate in [name, *stand_ins]:
        for origin, folders in searched:
            for folder in folders:
                path = folder / candidate
                if path.is_file():
                    return {"name": name, "path": str(path), "file": path.resolve().name, "from": origin, "standsIn": candidate != name}
    stem = name.split(".so")[0]
    others = [str(path) for _, folders in searched for folder in folders for path in sorted(folder.glob(f"{stem}.so*"))]
    return {"name": name, "path": None, "lookedFor": [name, *stand_ins], "others": others}


def link(found, links):
    links.mkdir(parents=True, exist_ok=True)
    for old in links.iterdir():
        old.unlink()
    for each in found:
        if each["path"]:
            (links / each["name"]).symlink_to(Path(each["path"]).resolve())


def search_path(found, links, driver):
    """The links first, then the folders they point into: libraries need others from there, under their own names."""
    folders = [str(Path(each["path"]).resolve().parent) for each in found if each["path"]]
    kept = [str(folder) for folder in from_environment()]
    return ":".join(dict.fromkeys([str(links), *folders, *([driver] if driver else []), *kept]))


def driver_folder():
    """Where the driver's library is, if the loader does not know it. None: the loader knows it, or it is nowhere."""
    if any((folder / DRIVER).exists() for folder in [*from_loader(), *from_environment()]):
        return None
    return next((folder for folder in DRIVER_FOLDERS if (Path(folder) / DRIVER).exists()), None)


def main():
    brought, links, report = (Path(arg).absolute() for arg in sys.argv[1:])
    searched = places(brought)
    required, optional = ([find(*each, searched) for each in wanted.items()] for wanted in (REQUIRED, OPTIONAL))
    found = required + optional
    link(found, links)
    report.write_text(json.dumps({"required": required, "optional": optional}, indent=1) + "\n")
    print(search_path(found, links, driver_folder()))


if __name__ == "__main__":
    main()
