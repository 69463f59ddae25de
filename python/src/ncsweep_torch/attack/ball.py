"""Steps and projections in an L∞ or L2 ball around the clean images, inside the pixel box [0,1]. Images are [B,C,H,W]."""

from typing import Literal

import torch
from torch import Tensor

Norm = Literal["linf", "l2"]

# Guards the division by a norm that may be zero.
_TINY = 1e-12


def example_norm(x: Tensor) -> Tensor:
    """L2 norms of the examples [B,1,1,1]."""
    return x.square().sum((1, 2, 3), keepdim=True).sqrt()


def perturbation_size(delta: Tensor, norm: Norm) -> Tensor:
    """Norms of the examples' perturbations [B,1,1,1]."""
    return delta.abs().amax((1, 2, 3), keepdim=True) if norm == "linf" else example_norm(delta)


def where_within(clean: Tensor, images: Tensor, epsilon: float, norm: Norm) -> Tensor:
    """Each image that is at most epsilon from its clean one, else the clean one."""
    return torch.where(perturbation_size(images - clean, norm) <= epsilon, images, clean)


def ascent(gradient: Tensor, norm: Norm) -> Tensor:
    """The direction of steepest ascent, of unit norm per example; 0 where the gradient is 0."""
    if norm == "linf":
        return gradient.sign()
    # Scaled before squaring, because gradients of confident networks are small enough to underflow.
    scaled = gradient / gradient.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-30)
    return scaled / example_norm(scaled).clamp(min=_TINY)


def project(images: Tensor, clean: Tensor, epsilon: float, norm: Norm) -> Tensor:
    """Moves images into the ball of radius epsilon around `clean`, then clips them to [0,1].

    For L∞ the results are the nearest points in both; for L2, as in the source paper's code, they are in both but not always the nearest.
    """
    return (clean + _inside(images - clean, epsilon, norm)).clamp_(0, 1)


def _inside(delta: Tensor, epsilon: float, norm: Norm) -> Tensor:
    """Offsets moved into the ball."""
    if norm == "linf":
        return delta.clamp_(-epsilon, epsilon)
    return delta * (epsilon / example_norm(delta).clamp(min=_TINY)).clamp(0, 1)
