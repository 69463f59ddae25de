"""Leaves in a library only the GPU code of one architecture: `python3 fatbins.py LIBRARY 90`, in place. Prints what it did.

nvcc packs the code of each source file into a container (fatbin) with one entry per architecture: machine code (ELF) and assembly that the driver
compiles (PTX). The driver takes from a container the one entry that fits its device best, so the others are dead weight. A container keeps its
place; the kept entries move to its front, its size is lowered, and the rest becomes zeros, which compress to nothing.

A container is {u32 magic, u16 version, u16 header bytes, u64 bytes of entries}; an entry {u16 kind, u16 version, u32 header bytes, u64 bytes of code, …,
u32 architecture at 28} and then its code. `cuobjdump --list-elf --list-ptx LIBRARY` reads the result.
"""

import mmap
import struct
import sys
from dataclasses import dataclass

MAGIC = struct.pack("<IHH", 0xBA55ED50, 1, 16)
HEADER = 16
PTX, ELF = 1, 2


@dataclass(frozen=True)
class Entry:
    kind: int
    architecture: int
    start: int
    """Offset of its header in the file."""
    code: int
    """Of its code."""
    end: int


def entries_of(data, start):
    """The entries of the container at `start`, or None if the magic number is there by chance."""
    (size,) = struct.unpack_from("<Q", data, start + 8)
    at, end, entries = start + HEADER, start + HEADER + size, []
    if end > len(data):
        return None
    while at < end:
        kind, _, header, code = struct.unpack_from("<HHIQ", data, at)
        (architecture,) = struct.unpack_from("<I", data, at + 28)
        if kind not in (PTX, ELF) or header < 32 or at + header + code > end:
            return None
        entries.append(Entry(kind, architecture, at, at + header, at + header + code))
        at += header + code
    return entries


def containers(data):
    """Yields (start, entries)."""
    at = data.find(MAGIC)
    while at >= 0:
        entries = entries_of(data, at)
        if entries:
            yield at, entries
        at = data.find(MAGIC, entries[-1].end if entries else at + 4)


def fitting(entries, architecture):
    """What the driver can take on this architecture: machine code of the same generation, else the newest PTX; all entries if nothing fits."""
    machine = [e for e in entries if e.kind == ELF and e.architecture // 10 == architecture // 10 and e.architecture <= architecture]
    assembly = [e for e in entries if e.kind == PTX and e.architecture <= architecture]
    candidates = machine or assembly
    best = max((e.architecture for e in candidates), default=None)
    return [e for e in candidates if e.architecture == best] or entries


def section(data, name):
    """[start, end) of a section of the ELF file."""
    (table,) = struct.unpack_from("<Q", data, 0x28)
    size, count, names = struct.unpack_from("<HHH", data, 0x3A)

    def header(index):
        at = table + index * size
        return struct.unpack_from("<I", data, at)[0], *struct.unpack_from("<QQ", data, at + 24)

    _, strings, _ = header(names)
    for index in range(count):
        label, start, length = header(index)
        if data[strings + label : strings + label + len(name) + 1] == name.encode() + b"\0":
            return start, start + length
    return 0, 0


def prune(data, architecture):
    """Changes `data`. @returns containers, bytes removed"""
    # Code that is already linked: the driver would link it again only where the linked code has no entry that fits.
    linked = range(*section(data, "__nv_relfatbin"))
    count = removed = 0
    for start, entries in list(containers(data)):
        count += 1
        if start in linked:
            for entry in entries:
                data[entry.code : entry.end] = bytes(entry.end - entry.code)
                removed += entry.end - entry.code
            continue
        kept = b"".join(data[e.start : e.end] for e in fitting(entries, architecture))
        before = entries[-1].end - start - HEADER
        struct.pack_into("<Q", data, start + 8, len(kept))
        data[start + HEADER : start + HEADER + before] = kept + bytes(before - len(kept))
        removed += before - len(kept)
    return count, removed


def main():
    path, architecture = sys.argv[1], int(sys.argv[2])
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        count, removed = prune(data, architecture)
    print(f"{path}: {count} containers, {removed / 1e6:.0f} MB of other architectures than {architecture} removed")


if __name__ == "__main__":
    main()
