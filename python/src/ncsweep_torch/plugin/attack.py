"""Attacks of plug-ins: functions that perturb a batch within a budget."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm, ascent, example_norm, project
from ncsweep_torch.plugin.draws import own_draws_only
from ncsweep_torch.plugin.failure import PluginError, blamed

# How far rounding may carry a perturbed image beyond its budget or the pixels' range: relative to the budget, and in pixel units.
_ROUNDING = 1e-4
_PIXEL_ROUNDING = 1e-6


@dataclass(frozen=True)
class AttackBatch:
    """What an attack sees: clean images, the network, its budget, and draws."""

    # [B,C,H,W] in [0,1]
    images: Tensor
    # [B], int64
    labels: Tensor
    # Radius of the ball, in pixel units.
    epsilon: float
    norm: Norm
    # Images [B,C,H,W] → logits [B,K]; differentiable in the images.
    logits: Callable[[Tensor], Tensor]
    # d(Σ cross-entropy)/d(images) [B,C,H,W]; it does not vanish where the network is confident.
    gradient: Callable[[Tensor], Tensor]
    # Draws [B,C,H,W] from U[0,1) and N(0,1), by a purpose. Equal for an image whatever batch it is in; another purpose draws anew.
    uniform: Callable[[str], Tensor]
    normal: Callable[[str], Tensor]

    def project(self, images: Tensor) -> Tensor:
        """The images moved into the ball around the clean ones and into [0,1]."""
        return project(images, self.images, self.epsilon, self.norm)

    def ascent(self, gradient: Tensor) -> Tensor:
        """The direction of steepest ascent, of unit norm per image; 0 where the gradient is 0."""
        return ascent(gradient, self.norm)


def perturbed_by(part: str, attack: Callable[[], object], batch: AttackBatch) -> Tensor:
    """What the attack returns, checked. Raises PluginError."""
    with own_draws_only(part), blamed(part):
        found = attack()
    if not isinstance(found, Tensor):
        raise PluginError(
            f"{part} returned {type(found).__name__}; expected the perturbed images, a tensor {_shape(batch.images)}"
        )
    if found.shape != batch.images.shape or found.dtype != torch.float32:
        raise PluginError(f"{part} returned {found.dtype} {_shape(found)}; expected torch.float32 {_shape(batch.images)}")
    images = found.detach()
    if not bool(torch.isfinite(images).all()):
        raise PluginError(f"{part} returned images that are not finite")
    _check_budget(part, images, batch)
    return images


def _check_budget(part: str, images: Tensor, batch: AttackBatch) -> None:
    delta = images - batch.images
    size = float(delta.abs().max() if batch.norm == "linf" else example_norm(delta).max())
    if size > batch.epsilon * (1 + _ROUNDING) + _PIXEL_ROUNDING:
        raise PluginError(
            f"{part} moved an image by {size:.6g} in {batch.norm}; its budget is {batch.epsilon:.6g}. Remedy: batch.project"
        )
    lowest, highest = float(images.min()), float(images.max())
    if lowest < -_PIXEL_ROUNDING or highest > 1 + _PIXEL_ROUNDING:
        raise PluginError(f"{part} returned pixels from {lowest:.6g} to {highest:.6g}; expected 0 to 1. Remedy: batch.project")


def _shape(tensor: Tensor) -> str:
    return str(list(tensor.shape))
