"""Batches of pixels that are needed again: on their device up to a limit, then in a temporary file that no crash leaves behind."""

import tempfile
from types import TracebackType
from typing import IO, Self

import numpy as np
import torch
from torch import Tensor

_LIMIT_BYTES = 512 * 2**20


class BatchCache:
    """float32 tensors by key."""

    def __init__(self, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._kept: dict[int, Tensor] = {}
        self._kept_bytes = 0
        # Position in the file and shape.
        self._places: dict[int, tuple[int, torch.Size]] = {}
        self._file: IO[bytes] | None = None

    def get(self, key: int, device: torch.device) -> Tensor | None:
        """The tensor of a key, if there is one."""
        if key in self._kept:
            return self._kept[key]
        if key not in self._places or self._file is None:
            return None
        position, shape = self._places[key]
        self._file.seek(position)
        values = np.frombuffer(self._file.read(4 * shape.numel()), dtype=np.float32).copy()
        return torch.from_numpy(values).view(shape).to(device)

    def set(self, key: int, values: Tensor) -> None:
        """Keeps a tensor, which the caller must not change."""
        size = values.numel() * values.element_size()
        if self._kept_bytes + size <= self._limit_bytes:
            self._kept[key] = values
            self._kept_bytes += size
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="ncsweep-batches-")  # noqa: SIM115 closed with the cache
        self._places[key] = (self._file.seek(0, 2), values.shape)
        self._file.write(values.contiguous().cpu().numpy().tobytes())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Frees everything."""
        self._kept.clear()
        if self._file is not None:
            self._file.close()
        self._file = None
