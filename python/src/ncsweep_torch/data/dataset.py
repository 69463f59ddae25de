"""Decoded datasets, from .npy files that are mapped read-only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ncsweep_torch.attack.draws import ImageShape
from ncsweep_torch.network.layout import channels_first
from ncsweep_torch.task import Json, SplitName

# Share of a GPU's free memory that the pixels of a split may take.
_RESIDENT_SHARE = 0.25


class BadDataError(Exception):
    """A file is missing, truncated or not what the task says; the message names it, what was expected, and the remedy."""


class Split:
    """Examples of one split. Pixels are bytes 0..255 or floats in [0,1], [N,H,W,C]; labels are in 0..K−1 [N]."""

    def __init__(
        self, pixels: NDArray[Any], labels: NDArray[Any], side_labels: Mapping[str, NDArray[Any]], device: torch.device
    ) -> None:
        self.device = device
        self.count = len(labels)
        self.labels = _whole(labels, device)
        # Labels beside the class, by name [N].
        self.side_labels = {name: _whole(each, device) for name, each in side_labels.items()}
        self._pixels = pixels
        self._resident = torch.tensor(pixels, device=device) if _fits(pixels, device) else None
        # float32 of each byte.
        self._levels = torch.tensor((np.arange(256) * (1 / 255)).astype(np.float32), device=device)

    def images(self, indices: Tensor) -> Tensor:
        """Pixels in [0,1] of the examples with these indices, float32 [B,C,H,W] on the device."""
        pixels = self._chosen(indices)
        return channels_first(self._levels[pixels.int()] if pixels.dtype == torch.uint8 else pixels)

    def _chosen(self, indices: Tensor) -> Tensor:
        if self._resident is not None:
            return self._resident[indices]
        return torch.from_numpy(self._pixels[indices.cpu().numpy()]).to(self.device)

    def one_hot(self, labels: Tensor, classes: int) -> Tensor:
        """float32 [B,K]."""
        return (labels[:, None] == torch.arange(classes, device=self.device)).to(torch.float32)


def _whole(values: NDArray[Any], device: torch.device) -> Tensor:
    return torch.tensor(values.astype(np.int64), device=device)


def _fits(pixels: NDArray[Any], device: torch.device) -> bool:
    """Whether the pixels are kept on a GPU. For the CPU they stay in the file, which its cache holds."""
    if device.type == "cpu":
        return False
    free, _ = torch.cuda.mem_get_info(device)
    return bool(pixels.nbytes <= _RESIDENT_SHARE * free)


@dataclass(frozen=True)
class Dataset:
    """Two splits of images of one shape."""

    classes: int
    # [height, width, channels]
    image: ImageShape
    train: Split
    test: Split

    def split(self, name: SplitName) -> Split:
        """The split of a name."""
        return self.train if name == "train" else self.test


def open_dataset(data: Json, device: torch.device) -> Dataset:
    """The `data` of a task. Raises BadDataError."""
    height, width, channels = data["image"]
    splits = [_open_split(data[name], data["classes"], (height, width, channels), device) for name in ("train", "test")]
    return Dataset(data["classes"], (height, width, channels), *splits)


def _open_split(split: Json, classes: int, image: ImageShape, device: torch.device) -> Split:
    pixels = _read(split["images"])
    if pixels.shape != (split["count"], *image) or pixels.dtype not in (np.uint8, np.float32):
        raise BadDataError(
            f"{split['images']['path']}: {pixels.dtype} {pixels.shape}; expected uint8 or float32 ({split['count']}, {image})"
        )
    labels = _read_labels(split["labels"], split["count"], classes)
    side = {name: _read_labels(each, split["count"], None) for name, each in (split.get("sideLabels") or {}).items()}
    return Split(pixels, labels, side, device)


def _read_labels(file: Json, count: int, classes: int | None) -> NDArray[Any]:
    labels = _read(file)
    if labels.shape != (count,) or labels.dtype != np.int32:
        raise BadDataError(f"{file['path']}: {labels.dtype} {labels.shape}; expected int32 ({count},)")
    if labels.min() < 0 or (classes is not None and labels.max() >= classes):
        raise BadDataError(
            f"{file['path']}: labels {labels.min()} to {labels.max()}; expected 0 to {'K' if classes is None else classes} − 1"
        )
    return labels


def _read(file: Json) -> NDArray[Any]:
    """An array file, mapped, whose content is what the task says."""
    path = Path(file["path"])
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != file["sha256"]:
            raise BadDataError(
                f"{path}: its sha256 is {found}; expected {file['sha256']}: the file changed. Remove it, so that it is made again"
            )
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BadDataError(f"{path}: {error}; expected a whole .npy file. Remove it, so that it is made again") from error
    if array.dtype.str[1:] != np.dtype(file["dtype"]).str[1:] or list(array.shape) != list(file["shape"]):
        raise BadDataError(f"{path}: {array.dtype} {list(array.shape)}; expected {file['dtype']} {file['shape']}")
    return array
