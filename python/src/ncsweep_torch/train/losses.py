"""Training losses: what is minimised."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.attack.logit_losses import cross_entropy, cross_entropy_gradient
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.plugin.loss import LossBatch, loss_of
from ncsweep_torch.task import Json, Training

# Runs the network in the mode of the training, each call after the other: images [B,C,H,W] → [B,K].
Logits = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Batch:
    """Images [B,C,H,W], one-hot labels [B,K], and adversarial examples [B,C,H,W] where the training has an attack."""

    images: Tensor
    one_hot: Tensor
    perturbed: Tensor | None


@dataclass(frozen=True)
class LossPass:
    """Outputs of the network with the gradients of the loss with respect to them."""

    outputs: tuple[Tensor, ...]
    gradients: tuple[Tensor, ...]
    # Mean over the batch; without gradient.
    loss: Tensor
    # [B,K]
    logits: Tensor


class Loss(Protocol):
    """A training loss; `beta` is its own parameter."""

    def __call__(self, logits: Logits, batch: Batch, beta: float) -> LossPass: ...


def _cross_entropy(logits: Logits, batch: Batch, beta: float) -> LossPass:  # noqa: ARG001
    """Cross-entropy: on clean images, or on PGD examples made in eval mode (Madry et al. 2018)."""
    output = logits(batch.images if batch.perturbed is None else batch.perturbed)
    values = output.detach()
    gradient = cross_entropy_gradient(values, batch.one_hot) / len(values)
    return LossPass((output,), (gradient,), cross_entropy(values, batch.one_hot).mean(), values)


def _trades(logits: Logits, batch: Batch, beta: float) -> LossPass:
    """TRADES (Zhang et al. 2019): CE(f(x), y) + β KL(f(x) ‖ f(x′)); gradients flow through both passes."""
    if batch.perturbed is None:
        raise TypeError("TRADES compares with adversarial examples; the batch has none")
    clean, moved = logits(batch.images), logits(batch.perturbed)
    with torch.no_grad():
        p = F.softmax(clean, 1)
        ratio = F.log_softmax(clean, 1) - F.log_softmax(moved, 1)
        divergence = (p * ratio).sum(1, keepdim=True)
        d_clean = cross_entropy_gradient(clean, batch.one_hot) + p * (ratio - divergence) * beta
        d_moved = (F.softmax(moved, 1) - p) * beta
        loss = cross_entropy(clean, batch.one_hot).mean() + divergence.mean() * beta
    size = len(p)
    return LossPass((clean, moved), (d_clean / size, d_moved / size), loss, clean.detach())


LOSSES: dict[str, Loss] = {"ce": _cross_entropy, "trades": _trades}


def read_loss(training: Training, plugins: Plugins) -> Loss:
    """The loss of a training. Raises RefusedError, PluginError."""
    return LOSSES[training.loss] if training.plugged is None else _plugged(training.plugged, plugins)


def _plugged(loss: Json, plugins: Plugins) -> Loss:
    part, values = loss["part"], loss["params"]
    function = plugins.function("loss", part, loss["identity"])

    def run(logits: Logits, batch: Batch, beta: float) -> LossPass:  # noqa: ARG001
        given = LossBatch(batch.images, batch.one_hot.argmax(1), batch.perturbed, logits)
        found = loss_of(part, lambda seen: function(seen, **values), given)
        return LossPass((found.value,), (torch.ones_like(found.value),), found.value.detach(), found.logits)

    return run
