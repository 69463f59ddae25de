"""What decides an example's class and can be attacked: the network, or the nearest-class-mean classifier of a layer."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ncsweep_torch.collapse.class_means import Means, centre_means
from ncsweep_torch.network.layout import Pooling, as_vectors
from ncsweep_torch.network.model import FixedNetwork


class Trace(NamedTuple):
    """A forward pass that can be differentiated once."""

    # [B,K], without gradient.
    logits: Tensor
    # Turns a gradient with respect to the logits [B,K] into one with respect to the images [B,C,H,W].
    pull: Callable[[Tensor], Tensor]


class Classifier(Protocol):
    """Logits of images [B,C,H,W]."""

    def trace(self, images: Tensor) -> Trace:
        """For a gradient."""

    def logits(self, images: Tensor) -> Tensor:
        """[B,K], without a gradient to come."""


class NetworkClassifier:
    """The network itself."""

    def __init__(self, network: FixedNetwork) -> None:
        self.network = network

    def trace(self, images: Tensor) -> Trace:
        """See Classifier."""
        x = images.detach().requires_grad_()
        logits = self.network(x)
        return Trace(logits.detach(), lambda d_logits: torch.autograd.grad(logits, x, d_logits)[0])

    def logits(self, images: Tensor) -> Tensor:
        """See Classifier."""
        with torch.no_grad():
            return self.network(images)


class NearestMeanClassifier:
    """A layer's own nearest-class-mean classifier, with logits −‖h(x) − μ_c‖² / τ.

    τ is the mean squared distance of the class means from their centre, so that the logits do not depend on the features' scale. ‖h‖² is the
    same for every class and drops out of the softmax, and of every difference of logits.
    """

    def __init__(self, network: FixedNetwork, layer: str, pooling: Pooling, means: Means, device: torch.device) -> None:
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

    def trace(self, images: Tensor) -> Trace:
        """See Classifier."""
        x = images.detach().requires_grad_()
        vectors = as_vectors(self._network(x, self._layer), self._pooling)
        return Trace(
            self.head(vectors.detach()), lambda d_logits: torch.autograd.grad(vectors, x, d_logits @ self._directions)[0]
        )

    def logits(self, images: Tensor) -> Tensor:
        """See Classifier."""
        return self.head(self.vectors(images))

    def vectors(self, images: Tensor) -> Tensor:
        """The features that the head sees [B,d]."""
        with torch.no_grad():
            return as_vectors(self._network(images, self._layer), self._pooling)

    def head(self, vectors: Tensor) -> Tensor:
        """Logits [B,K] of features [B,d]; the largest is the nearest mean's."""
        return (vectors - self._centre) @ self._directions.T + self._offsets
