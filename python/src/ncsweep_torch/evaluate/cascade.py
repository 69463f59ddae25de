"""The later stages of an attack, on the examples that the earlier ones left right."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ncsweep_torch.evaluate.attack import Attacked, Stage
from ncsweep_torch.evaluate.batches import Batch, Source


def cascade(stages: Sequence[Stage], source: Source, attacked: Callable[[Batch], Attacked], fallen: Tensor) -> Tensor:
    """Which examples of the split fall [N], given those that have.

    The examples that stand are gathered into batches of one size, the last one filled up with copies, so that rounding stays the same.
    """
    size = min(source.batch_size, source.split.count)
    for stage in stages:
        standing = (~fallen).nonzero().flatten()
        found = fallen.clone()
        for start in range(0, len(standing), size):
            source.pulse()
            places = torch.arange(start, start + size, device=standing.device).clamp(max=len(standing) - 1)
            indices = standing[places]
            falls = stage(attacked(Batch(source.split.images(indices), source.split.labels[indices], indices)))
            found[indices[falls]] = True
        fallen = found
    return fallen
