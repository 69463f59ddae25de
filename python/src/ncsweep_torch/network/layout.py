"""How images and features lie in memory. Artifacts and draws are [B,H,W,C]; PyTorch computes on [B,C,H,W]."""

from typing import Literal

from torch import Tensor

Pooling = Literal["flatten", "gap"]


def channels_first(images: Tensor) -> Tensor:
    """[B,H,W,C] → [B,C,H,W], without copying: in memory the channels stay last."""
    return images.permute(0, 3, 1, 2)


def channels_last(images: Tensor) -> Tensor:
    """[B,C,H,W] → [B,H,W,C]."""
    return images.permute(0, 2, 3, 1)


def as_vectors(features: Tensor, pooling: Pooling) -> Tensor:
    """A layer's features as vectors: [B,C,H,W] → [B,H·W·C] or, pooled, [B,C]; [B,D] stays."""
    if features.dim() == 2:
        return features
    return features.mean((2, 3)) if pooling == "gap" else channels_last(features).flatten(1)
