"""Attacks on images [B,C,H,W] in [0,1]."""

import torch

from ncsweep_torch.plugin import AttackBatch


def mi_fgsm(batch: AttackBatch, steps: int, decay: float) -> torch.Tensor:
    """FGSM in steps along an average of the gradients, each divided by its mean absolute value."""
    images = batch.images
    average = torch.zeros_like(images)
    for _ in range(steps):
        gradient = batch.gradient(images)
        size = gradient.abs().mean((1, 2, 3), keepdim=True).clamp(min=1e-30)
        average = decay * average + gradient / size
        images = batch.project(images + batch.epsilon / steps * batch.ascent(average))
    return images
