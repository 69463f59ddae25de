"""Training losses: what is minimised."""

from collections.abc import Callable, Mapping
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
# Parameters of a loss, by name.
Terms = Mapping[str, float]


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
    """A training loss; `terms` are its own parameters."""

    def __call__(self, logits: Logits, batch: Batch, terms: Terms) -> LossPass: ...


# Losses per example [B], and their derivative [B,K], of logits [B,K] and one-hot labels [B,K].
LogitTerms = Callable[[Tensor, Tensor, Terms], tuple[Tensor, Tensor]]


def _of_logits(of: LogitTerms) -> Loss:
    """A loss of a single pass: of adversarial examples where the training has an attack, else of the clean images."""

    def run(logits: Logits, batch: Batch, terms: Terms) -> LossPass:
        output = logits(batch.images if batch.perturbed is None else batch.perturbed)
        values = output.detach()
        losses, gradient = of(values, batch.one_hot, terms)
        return LossPass((output,), (gradient / len(values),), losses.mean(), values)

    return run


@_of_logits
def _cross_entropy(logits: Tensor, one_hot: Tensor, terms: Terms) -> tuple[Tensor, Tensor]:  # noqa: ARG001
    """Cross-entropy: on clean images, or on PGD examples made in eval mode (Madry et al. 2018)."""
    return cross_entropy(logits, one_hot), cross_entropy_gradient(logits, one_hot)


@_of_logits
def _mean_squared_error(logits: Tensor, one_hot: Tensor, terms: Terms) -> tuple[Tensor, Tensor]:  # noqa: ARG001
    """½ ‖z − e_y‖² of the logits z (Han, Papyan, Donoho 2022)."""
    error = logits - one_hot
    return error.square().sum(1) / 2, error


@_of_logits
def _spectral_decoupling(logits: Tensor, one_hot: Tensor, terms: Terms) -> tuple[Tensor, Tensor]:
    """CE(z, y) + ½ λ ‖z‖² of the logits z (Pezeshki et al. 2021)."""
    weight = terms["lambda"]
    losses = cross_entropy(logits, one_hot) + logits.square().sum(1) * (weight / 2)
    return losses, cross_entropy_gradient(logits, one_hot) + logits * weight


def _trades(logits: Logits, batch: Batch, terms: Terms) -> LossPass:
    """TRADES (Zhang et al. 2019): CE(f(x), y) + β KL(f(x) ‖ f(x′)); gradients flow through both passes."""
    if batch.perturbed is None:
        raise TypeError("TRADES compares with adversarial examples; the batch has none")
    beta = terms["beta"]
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


LOSSES: dict[str, Loss] = {
    "ce": _cross_entropy,
    "trades": _trades,
    "mse": _mean_squared_error,
    "spectral-decoupling": _spectral_decoupling,
}


def read_loss(training: Training, plugins: Plugins) -> Loss:
    """The loss of a training. Raises RefusedError, PluginError."""
    return LOSSES[training.loss] if training.plugged is None else _plugged(training.plugged, plugins)


def _plugged(loss: Json, plugins: Plugins) -> Loss:
    part, values = loss["part"], loss["params"]
    function = plugins.function("loss", part, loss["identity"])

    def run(logits: Logits, batch: Batch, terms: Terms) -> LossPass:  # noqa: ARG001
        given = LossBatch(batch.images, batch.one_hot.argmax(1), batch.perturbed, logits)
        found = loss_of(part, lambda seen: function(seen, **values), given)
        return LossPass((found.value,), (torch.ones_like(found.value),), found.value.detach(), found.logits)

    return run
