"""Training losses of plug-ins: functions that make a number of a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.plugin.draws import own_draws_only
from ncsweep_torch.plugin.failure import PluginError, blamed


@dataclass(frozen=True)
class LossBatch:
    """What a loss sees: images, labels, and the network that is trained."""

    # [B,C,H,W] in [0,1]
    images: Tensor
    # [B], int64
    labels: Tensor
    # Adversarial examples [B,C,H,W]; None where the training has no attack.
    adversarial: Tensor | None
    # Images [B,C,H,W] → logits [B,K] by the network in the mode of the training; differentiable in the weights.
    logits: Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """What a loss returned, and the logits of its first pass [B,K]."""

    value: Tensor
    logits: Tensor


def loss_of(part: str, loss: Callable[[LossBatch], object], batch: LossBatch) -> Loss:
    """Runs the loss and checks what it returns. Raises PluginError."""
    passes: list[Tensor] = []

    def logits(images: Tensor) -> Tensor:
        passes.append(batch.logits(images))
        return passes[-1]

    with own_draws_only(part), blamed(part):
        found = loss(LossBatch(batch.images, batch.labels, batch.adversarial, logits))
    if not isinstance(found, Tensor) or found.shape != () or found.dtype != torch.float32:
        kind = f"{found.dtype} {list(found.shape)}" if isinstance(found, Tensor) else type(found).__name__
        raise PluginError(
            f"{part} returned {kind}; expected the mean loss of the batch, a torch.float32 tensor without dimensions"
        )
    if not passes or not found.requires_grad:
        raise PluginError(f"{part} returned a loss that does not depend on the network. Remedy: compute it from batch.logits")
    return Loss(found, passes[0].detach())
