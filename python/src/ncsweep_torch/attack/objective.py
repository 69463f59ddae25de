"""What an attack climbs: a loss per example and its gradient with respect to the images."""

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.attack.classifier import Classifier
from ncsweep_torch.attack.logit_losses import LOGIT_LOSSES, LogitLoss, cross_entropy
from ncsweep_torch.network.model import FixedNetwork


class Objective(Protocol):
    """A loss of images [B,C,H,W] and one-hot goals [B,K]."""

    def gradient(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """d(Σ loss)/d(images) [B,C,H,W]."""

    def loss(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """[B]."""


@dataclass(frozen=True)
class LogitObjective:
    """A loss of a classifier's logits."""

    classifier: Classifier
    of: LogitLoss = LOGIT_LOSSES["ce"]

    def gradient(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """See Objective."""
        logits, pull = self.classifier.trace(images)
        return pull(self.of.gradient(logits, one_hot))

    def loss(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """See Objective."""
        return self.of.values(self.classifier.logits(images), one_hot)


class DivergenceObjective:
    """KL(f(x) ‖ f(x′)) from fixed clean images x, as TRADES climbs it; goals are not used."""

    def __init__(self, network: FixedNetwork, clean: Tensor) -> None:
        self._network = network
        with torch.no_grad():
            self._probabilities = F.softmax(network(clean), 1)

    def gradient(self, images: Tensor, one_hot: Tensor) -> Tensor:  # noqa: ARG002
        """See Objective."""
        x = images.detach().requires_grad_()
        logits = self._network(x)
        return torch.autograd.grad(logits, x, F.softmax(logits.detach(), 1) - self._probabilities)[0]

    def loss(self, images: Tensor, one_hot: Tensor) -> Tensor:  # noqa: ARG002
        """See Objective; up to the entropy of f(x), which no image changes."""
        with torch.no_grad():
            return cross_entropy(self._network(images), self._probabilities)
