"""What an attack climbs: a loss per example and its gradient with respect to the images."""

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.collapse.class_means import Means, centre_means
from ncsweep_torch.network.frozen import FrozenNetwork
from ncsweep_torch.network.layout import Pooling, as_vectors


class Objective(Protocol):
    """A loss of images [B,C,H,W] and one-hot goals [B,K]."""

    def gradient(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """d(Σ loss)/d(images) [B,C,H,W]."""

    def loss(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """[B]."""


def cross_entropy(logits: Tensor, one_hot: Tensor) -> Tensor:
    """Cross-entropy per example [B]."""
    return -(F.log_softmax(logits, 1) * one_hot).sum(1)


def cross_entropy_gradient(logits: Tensor, one_hot: Tensor) -> Tensor:
    """d(cross-entropy)/d(logits) [B,K] = softmax − one-hot, with the true class's entry computed as minus the sum of the others.

    For a confident network softmax rounds to 1 and the difference to 0, which would silently weaken every attack.
    """
    others = F.softmax(logits, 1) * (1 - one_hot)
    return others - one_hot * others.sum(1, keepdim=True)


@dataclass(frozen=True)
class NetworkObjective:
    """The network's own cross-entropy."""

    network: FrozenNetwork

    def gradient(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """See Objective."""
        x = images.detach().requires_grad_()
        logits = self.network(x)
        return torch.autograd.grad(logits, x, cross_entropy_gradient(logits.detach(), one_hot))[0]

    def loss(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """See Objective."""
        with torch.no_grad():
            return cross_entropy(self.network(images), one_hot)


class DivergenceObjective:
    """KL(f(x) ‖ f(x′)) from fixed clean images x, as TRADES climbs it; goals are not used."""

    def __init__(self, network: FrozenNetwork, clean: Tensor) -> None:
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


class NearestMeanObjective:
    """The adaptive control: cross-entropy of a layer's own nearest-class-mean classifier, with logits −‖h(x) − μ_c‖² / τ.

    τ is the mean squared distance of the class means from their centre, so that the objective does not depend on the features' scale. ‖h‖² is
    the same for every class and drops out of the softmax.
    """

    def __init__(self, network: FrozenNetwork, layer: str, pooling: Pooling, means: Means, device: torch.device) -> None:
        self._network, self._layer, self._pooling = network, layer, pooling
        centred = centre_means(means)
        squares = (centred.rows**2).sum(1)
        tau = max(float(squares.mean()), 1e-30)
        # Differences from the centre of the class means keep their digits in float32.
        self._centre = torch.tensor(centred.centre, dtype=torch.float32, device=device)
        self._directions = torch.zeros(means.shape, dtype=torch.float32, device=device)
        self._directions[centred.present] = torch.tensor(2 * centred.rows / tau, dtype=torch.float32, device=device)
        # Close to −∞ for a class without a mean.
        self._offsets = torch.full((len(means),), -1e30, dtype=torch.float32, device=device)
        self._offsets[centred.present] = torch.tensor(-squares / tau, dtype=torch.float32, device=device)

    def gradient(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """See Objective."""
        x = images.detach().requires_grad_()
        vectors = as_vectors(self._network(x, self._layer), self._pooling)
        d_logits = cross_entropy_gradient(self.head(vectors.detach()), one_hot)
        return torch.autograd.grad(vectors, x, d_logits @ self._directions)[0]

    def loss(self, images: Tensor, one_hot: Tensor) -> Tensor:
        """See Objective."""
        with torch.no_grad():
            return cross_entropy(self.head(self.vectors(images)), one_hot)

    def vectors(self, images: Tensor) -> Tensor:
        """The features that the head sees [B,d]."""
        with torch.no_grad():
            return as_vectors(self._network(images, self._layer), self._pooling)

    def head(self, vectors: Tensor) -> Tensor:
        """Logits [B,K] of features [B,d]; the largest is the nearest mean's."""
        return (vectors - self._centre) @ self._directions.T + self._offsets
