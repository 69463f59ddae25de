"""Batches of a split, and of what the network computes from them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ncsweep_torch.attack.draws import ImageShape
from ncsweep_torch.data.dataset import Split
from ncsweep_torch.network.layout import as_vectors
from ncsweep_torch.network.model import FixedNetwork
from ncsweep_torch.task import SplitName, View


@dataclass(frozen=True)
class Source:
    """A split that is evaluated in batches."""

    name: SplitName
    split: Split
    classes: int
    image: ImageShape
    batch_size: int
    seed: int
    # Raises when the task must stop; called between batches.
    pulse: Callable[[], None]


class Batch(NamedTuple):
    """Images [B,C,H,W], labels and positions in the split [B]."""

    images: Tensor
    labels: Tensor
    indices: Tensor


# Yields each batch, in the same order each time.
Batches = Callable[[], Iterator[Batch]]


def clean_batches(source: Source) -> Iterator[Batch]:
    """In the order of the split."""
    for start in range(0, source.split.count, source.batch_size):
        source.pulse()
        indices = torch.arange(start, min(start + source.batch_size, source.split.count), device=source.split.device)
        yield Batch(source.split.images(indices), source.split.labels[indices], indices)


@dataclass(frozen=True)
class FeatureBatch:
    """What a network computes from a batch."""

    labels: Tensor
    indices: Tensor
    # [B,K]
    logits: Tensor
    # [B]
    predictions: Tensor
    # float32 [B,d] of a view.
    features: Callable[[View], Tensor]


FeatureBatches = Callable[[], Iterator[FeatureBatch]]


def network_features(batches: Batches, network: FixedNetwork) -> FeatureBatches:
    """One forward pass a batch."""

    def run() -> Iterator[FeatureBatch]:
        for images, labels, indices in batches():
            logits, layers = network.features(images)
            yield FeatureBatch(labels, indices, logits, logits.argmax(1), _reader(layers))

    return run


def _reader(layers: dict[str, Tensor]) -> Callable[[View], Tensor]:
    return lambda view: as_vectors(layers[view.layer], view.pooling)
