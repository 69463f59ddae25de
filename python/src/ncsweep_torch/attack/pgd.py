"""Projected gradient descent (Madry et al. 2018) and its one-step form FGSM (Goodfellow et al. 2015)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm, ascent, project
from ncsweep_torch.attack.objective import Objective


@dataclass(frozen=True)
class PgdOptions:
    """Everything but images and goals."""

    norm: Norm
    # Radius of the ball, in [0,1] pixel units (L2: Euclidean over all pixels of an example).
    epsilon: float
    step_size: float
    steps: int
    # Number of runs, the best of which is taken per example; more than one only makes sense with random starts.
    restarts: int = 1
    # The goals are targets to approach rather than labels to leave.
    targeted: bool = False
    # Start offsets [B,C,H,W] of a restart, in pixel units; it gives None to start at the clean images.
    start: Callable[[int], Tensor | None] = lambda _: None


def pgd(objective: Objective, clean: Tensor, goals: Tensor, options: PgdOptions) -> Tensor:
    """Perturbed images [B,C,H,W] of clean ones and one-hot goals [B,K]."""
    direction = -1 if options.targeted else 1
    best = _climb(objective, clean, goals, options, 0)
    for restart in range(1, options.restarts):
        rival = _climb(objective, clean, goals, options, restart)
        gain = (objective.loss(rival, goals) - objective.loss(best, goals)) * direction
        best = torch.where((gain > 0).view(-1, 1, 1, 1), rival, best)
    return best


def _climb(objective: Objective, clean: Tensor, goals: Tensor, options: PgdOptions, restart: int) -> Tensor:
    step = -options.step_size if options.targeted else options.step_size
    offsets = options.start(restart)
    images = clean if offsets is None else project(clean + offsets, clean, options.epsilon, options.norm)
    for _ in range(options.steps):
        gradient = objective.gradient(images, goals)
        moved = images + ascent(gradient, options.norm) * step
        images = project(moved, clean, options.epsilon, options.norm)
    return images


def fgsm_direction(objective: Objective, clean: Tensor, goals: Tensor, targeted: bool) -> Tensor:
    """FGSM's direction, ±1 (0 where the gradient is 0) per pixel: one gradient serves every epsilon."""
    uphill = ascent(objective.gradient(clean, goals), "linf")
    return -uphill if targeted else uphill


def add_scaled(clean: Tensor, offsets: Tensor, epsilon: float) -> Tensor:
    """clip(clean + epsilon · offsets, 0, 1) for FGSM's direction or a noise's draw."""
    return (clean + offsets * epsilon).clamp_(0, 1)


def zero_gradients(objective: Objective, images: Tensor, goals: Tensor) -> Tensor:
    """Number of examples whose loss has an exactly zero gradient at `images`, as a tensor; gradient attacks cannot move these."""
    return (objective.gradient(images, goals).abs().amax((1, 2, 3)) == 0).sum()
