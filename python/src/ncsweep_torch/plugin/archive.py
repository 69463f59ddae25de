"""A plug-in as a task holds it: its manifest and the text of its files, which the supervisor has verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

PartKind = Literal["attack", "loss", "metric", "architecture"]


@dataclass(frozen=True)
class Archive:
    """Parts in Python are functions, as (file, function) by kind and name."""

    identity: str
    # Digest of the code: two codes may have one identity, where it names a declared science.
    code: str
    name: str
    # Packages that must be installed.
    requires: tuple[str, ...]
    parts: Mapping[tuple[str, str], tuple[str, str]]
    # Text by path.
    files: Mapping[str, str]


def read_archive(entry: Mapping[str, Any]) -> Archive:
    """From its JSON. Raises KeyError, TypeError or ValueError."""
    manifest = entry["manifest"]
    parts = {}
    for part in manifest["parts"]:
        if "python" in part:
            file, function = part["python"].split(":")
            parts[part["kind"], part["name"]] = (file, function)
    identity = entry["identity"]
    code = entry.get("code", identity)
    return Archive(identity, code, manifest["plugin"], tuple(manifest.get("requires", ())), parts, dict(entry["files"]))
