"""torch.optim.SGD's rule, g += λ w; v = m v + g; w −= η v, on every parameter. All parameters lie in one flat tensor."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ncsweep_torch.network.parameters import ParameterSpec, Weights


class Sgd:
    """Owns the trainable weights and their momentum."""

    def __init__(
        self, specs: Sequence[ParameterSpec], weights: Mapping[str, Tensor], velocity: Mapping[str, Tensor] | None
    ) -> None:
        """`specs` are those of all trainable parameters. Values are copied; without velocity it starts at zero."""
        self._specs = tuple(specs)
        self._weights = self._pack(weights)
        self._velocity = torch.zeros_like(self._weights) if velocity is None else self._pack(velocity)
        # Views of the flat tensor, each a leaf for autograd.
        self.weights: Weights = {name: view.requires_grad_() for name, view in self._views(self._weights).items()}

    def step(self, gradients: Sequence[Tensor], rate: float, momentum: float, weight_decay: float) -> None:
        """One update; gradients are in the order of the specs."""
        with torch.no_grad():
            flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
            flat.add_(self._weights, alpha=weight_decay)
            self._velocity.mul_(momentum).add_(flat)
            self._weights.sub_(self._velocity, alpha=rate)

    def velocity(self) -> Weights:
        """Momentum by parameter: views."""
        return self._views(self._velocity)

    def _pack(self, tensors: Mapping[str, Tensor]) -> Tensor:
        return torch.cat([tensors[spec.name].detach().reshape(-1) for spec in self._specs])

    def _views(self, flat: Tensor) -> Weights:
        sizes = [math.prod(spec.shape) for spec in self._specs]
        return {
            spec.name: part.view(spec.shape) for spec, part in zip(self._specs, torch.split(flat.detach(), sizes), strict=True)
        }
