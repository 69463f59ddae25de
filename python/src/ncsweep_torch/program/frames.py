"""Frames: the length of a header in bytes, the header as JSON, and payloads."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

# Larger payloads go by file.
_LARGEST_IN_FRAME = 8 * 2**20
# No header is longer; whoever reads a larger length reads something that is no frame.
_LONGEST_HEADER = 64 * 2**20


@dataclass(frozen=True)
class Frame:
    """A header and its payloads by name."""

    header: Mapping[str, Any]
    payloads: Mapping[str, bytes] = field(default_factory=dict)


class BrokenPipeEndError(Exception):
    """The other side closed the pipe, between frames or inside one."""


class NoFrameError(Exception):
    """What came over the pipe is no frame of the protocol."""


def read_frame(stream: BinaryIO, scratch: Path | None) -> Frame:
    """The next frame; payloads in files are read from the scratch folder. Raises BrokenPipeEndError, NoFrameError."""
    header = _read_header(stream)
    payloads: dict[str, bytes] = {}
    for payload in header.get("payloads") or []:
        if "file" not in payload:
            payloads[payload["name"]] = _read(stream, payload["sizeBytes"])
        elif scratch is not None:
            payloads[payload["name"]] = (scratch / payload["file"]).read_bytes()
    return Frame(header, payloads)


def _read_header(stream: BinaryIO) -> dict[str, Any]:
    (length,) = struct.unpack("<I", _read(stream, 4))
    if length > _LONGEST_HEADER:
        raise NoFrameError(f"the header of a frame has {length} bytes; expected at most {_LONGEST_HEADER}")
    content = _read(stream, length)
    try:
        header = json.loads(content)
    except ValueError as error:
        raise NoFrameError(f"the header of a frame is {content[:80]!r}; expected JSON in UTF-8: {error}") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise NoFrameError(f"the header of a frame is {content[:80]!r}; expected an object with a type")
    return header


def _read(stream: BinaryIO, size: int) -> bytes:
    parts: list[bytes] = []
    left = size
    while left > 0:
        part = stream.read(left)
        if not part:
            raise BrokenPipeEndError("the supervisor closed the pipe")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def write_frame(stream: BinaryIO, frame: Frame, scratch: Path | None = None, stem: str = "") -> list[Path]:
    """Writes a frame; large payloads become files in the scratch folder, named after `stem`. Returns these, for whoever removes them."""
    listed: list[dict[str, Any]] = []
    inside: list[bytes] = []
    files: list[Path] = []
    for name, content in frame.payloads.items():
        entry: dict[str, Any] = {"name": name, "sizeBytes": len(content)}
        if scratch is not None and len(content) > _LARGEST_IN_FRAME:
            file = scratch / f"{stem}-{name}"
            file.write_bytes(content)
            files.append(file)
            entry["file"] = file.name
        else:
            inside.append(content)
        listed.append(entry)
    header = dict(frame.header) | ({"payloads": listed} if listed else {})
    # NaN is no JSON: whoever would send one finds out here.
    text = json.dumps(header, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
    stream.write(struct.pack("<I", len(text)) + text)
    for content in inside:
        stream.write(content)
    stream.flush()
    return files
