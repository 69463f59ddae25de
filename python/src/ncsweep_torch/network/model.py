"""What training, attacks and metrics ask of a network, whether it is a list of nodes or a module of a plug-in."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from torch import Tensor

from ncsweep_torch.network.parameters import ParameterSpec, Weights
from ncsweep_torch.network.training import BatchNormMode
from ncsweep_torch.philox import RandomKey


class FixedNetwork(Protocol):
    """A network in eval mode whose weights do not change. Only images get gradients."""

    def __call__(self, images: Tensor, up_to: str | None = None) -> Tensor:
        """Logits [B,K] of images [B,C,H,W], or the features of the layer `up_to`."""

    def features(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits and every named layer, from one pass without gradients."""


class Model(Protocol):
    """A network without its weights."""

    @property
    def parameters(self) -> Sequence[ParameterSpec]:
        """What is stored, trainable or not."""

    @property
    def last_layer(self) -> str:
        """What the linear classifier sees."""

    def initial_weights(self, seed: int) -> Weights:
        """On the CPU."""

    def check_weights(self, tensors: Mapping[str, Tensor]) -> Weights:
        """The network's among tensors that were read. Raises WeightsMismatchError."""

    def classifier(self, weights: Mapping[str, Tensor]) -> Tensor:
        """Weights of the linear classifier [K,d]."""

    def frozen(self, weights: Mapping[str, Tensor]) -> FixedNetwork:
        """For attacks and evaluation."""

    def training_logits(
        self, images: Tensor, weights: Mapping[str, Tensor], batch_norm: BatchNormMode, draws: RandomKey
    ) -> Tensor:
        """For the pass of an update, differentiable in the weights; `draws` is the key of all that the network draws."""
