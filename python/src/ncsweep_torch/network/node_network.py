"""A network of the catalog: a list of nodes."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from ncsweep_torch.network.frozen import FrozenNetwork
from ncsweep_torch.network.nodes import Node
from ncsweep_torch.network.parameters import ParameterSpec, Weights, check_weights, initial_weights
from ncsweep_torch.network.training import BatchNormMode, training_logits
from ncsweep_torch.philox import RandomKey


@dataclass(frozen=True)
class NodeNetwork:
    """Nodes from pixels to logits, and their parameters in the order of the nodes; a Model."""

    nodes: tuple[Node, ...]
    parameters: tuple[ParameterSpec, ...]
    # What the linear classifier sees.
    last_layer: str

    def initial_weights(self, seed: int) -> Weights:
        """See Model."""
        return initial_weights(self.parameters, seed)

    def check_weights(self, tensors: Mapping[str, Tensor]) -> Weights:
        """See Model."""
        return check_weights(self.parameters, tensors)

    def classifier(self, weights: Mapping[str, Tensor]) -> Tensor:
        """See Model."""
        return weights["classifier.weight"]

    def frozen(self, weights: Mapping[str, Tensor]) -> FrozenNetwork:
        """See Model."""
        return FrozenNetwork(self.nodes, weights)

    def training_logits(
        self,
        images: Tensor,
        weights: Mapping[str, Tensor],
        batch_norm: BatchNormMode,
        draws: RandomKey,  # noqa: ARG002 no node draws
    ) -> Tensor:
        """See Model."""
        return training_logits(self.nodes, images, weights, batch_norm)
