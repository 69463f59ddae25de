"""The arrays of one evaluation as .npy files: the images and features that are measured pass through here, batch by batch."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ncsweep_torch.evaluate.batches import Batch, Batches, FeatureBatch, FeatureBatches, Source
from ncsweep_torch.network.layout import channels_last
from ncsweep_torch.task import View


class Through(Protocol):
    """The path from images to what the network computes from them."""

    def __call__(
        self, images: Batches, features: Callable[[Batches], FeatureBatches], views: Sequence[View], head: View | None = None
    ) -> FeatureBatches:
        """`features` are the network's, `views` those to measure; `head` names files where each head has its own."""


def straight(
    images: Batches,
    features: Callable[[Batches], FeatureBatches],
    views: Sequence[View],  # noqa: ARG001
    head: View | None = None,  # noqa: ARG001
) -> FeatureBatches:
    """Without files."""
    return features(images)


class ArrayFolder:
    """Writes into a folder, replacing what is there, whenever batches are iterated."""

    def __init__(self, folder: Path, wanted: frozenset[str], source: Source) -> None:
        """`wanted` are the keys of the views whose features are written."""
        self._folder, self._wanted, self._source = folder, wanted, source
        labels = source.split.labels.cpu().numpy().astype(np.int32)
        self._create("labels.npy", labels)[:] = labels

    def through(
        self, images: Batches, features: Callable[[Batches], FeatureBatches], views: Sequence[View], head: View | None = None
    ) -> FeatureBatches:
        """See Through."""
        kept = [view for view in views if view.key in self._wanted]
        name = "" if head is None else f"/{_named(head)}"
        made = features(self._written_images(images, f"images{name}.npy"))
        if not kept:
            return made
        return self._written_features(made, f"logits{name}.npy", kept if head is None else [head])

    def _written_images(self, images: Batches, name: str) -> Batches:
        files: dict[str, NDArray[Any]] = {}

        def run() -> Iterator[Batch]:
            for batch in images():
                self._put(files, name, channels_last(batch.images), int(batch.indices[0]))
                yield batch

        return run

    def _written_features(self, features: FeatureBatches, logits: str, views: Sequence[View]) -> FeatureBatches:
        files: dict[str, NDArray[Any]] = {}

        def run() -> Iterator[FeatureBatch]:
            for batch in features():
                at = int(batch.indices[0])
                self._put(files, logits, batch.logits, at)
                for view in views:
                    self._put(files, f"features/{_named(view)}.npy", batch.features(view), at)
                yield batch

        return run

    def _put(self, files: dict[str, NDArray[Any]], name: str, rows: Tensor, at: int) -> None:
        values = rows.detach().cpu().numpy()
        if name not in files:
            files[name] = self._create(name, values)
        files[name][at : at + len(values)] = values

    def _create(self, name: str, rows: NDArray[Any]) -> NDArray[Any]:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (self._source.split.count, *rows.shape[1:])
        return np.lib.format.open_memmap(path, mode="w+", dtype=rows.dtype, shape=shape, version=(1, 0))


def _named(view: View) -> str:
    return f"{view.layer}-{view.pooling}"
