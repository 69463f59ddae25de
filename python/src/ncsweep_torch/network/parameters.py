"""The parameters of a network, under PyTorch's names and in PyTorch's layouts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ncsweep_torch.philox import random_key, uniforms
from ncsweep_torch.refusal import one_of

# Parameters by name, in the order of the nodes.
Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Uniform:
    """U(−bound, bound): draws fill an array of `draw_shape`, whose axes `axes` become those of the parameter."""

    bound: float
    draw_shape: tuple[int, ...]
    axes: tuple[int, ...]


@dataclass(frozen=True)
class ParameterSpec:
    """A parameter of a network: OIHW for a convolution, [out, in] for a dense layer."""

    name: str
    shape: tuple[int, ...]
    # False for running statistics, which no gradient moves.
    trainable: bool
    # Initial values; a number fills the whole parameter.
    init: Uniform | float


def read_parameters(listed: Sequence[Mapping[str, Any]]) -> tuple[ParameterSpec, ...]:
    """From their JSON. Raises RefusedError."""
    return tuple(
        ParameterSpec(each["name"], tuple(each["shape"]), each["trainable"], _read_init(each["init"])) for each in listed
    )


def _read_init(init: Mapping[str, Any]) -> Uniform | float:
    if one_of("initial values", init["kind"], ("uniform", "constant")) == "constant":
        return float(init["value"])
    return Uniform(init["bound"], tuple(init["drawShape"]), tuple(init["axes"]))


def initial_weights(specs: Sequence[ParameterSpec], seed: int) -> Weights:
    """Initial values on the CPU. Draws of a parameter are keyed by its name."""
    return {spec.name: _initial(spec, seed) for spec in specs}


def _initial(spec: ParameterSpec, seed: int) -> Tensor:
    if not isinstance(spec.init, Uniform):
        return torch.full(spec.shape, spec.init, dtype=torch.float32)
    first = torch.zeros(1, dtype=torch.int64)
    draws = uniforms(random_key(seed, f"init/{spec.name}"), first, math.prod(spec.shape))[0].to(torch.float64)
    values = ((2 * draws - 1) * spec.init.bound).to(torch.float32)
    return values.view(spec.init.draw_shape).permute(spec.init.axes).contiguous()


class WeightsMismatchError(Exception):
    """Tensors made elsewhere are not the parameters of the network."""


def check_weights(specs: Sequence[ParameterSpec], tensors: Mapping[str, Tensor]) -> Weights:
    """The parameters among tensors, as float32. PyTorch's `num_batches_tracked` is ignored. Raises WeightsMismatchError."""
    found = {name: tensor for name, tensor in tensors.items() if not name.endswith("num_batches_tracked")}
    differences = [text for spec in specs if (text := _difference(spec, found.get(spec.name)))]
    matching = len(specs) - len(differences)
    known = {spec.name for spec in specs}
    differences += [f"{name} ({_shape_text(tensor)}) is unknown" for name, tensor in found.items() if name not in known]
    if differences:
        more = f"; and {len(differences) - 3} more" if len(differences) > 3 else ""
        raise WeightsMismatchError(
            f"weights do not fit the architecture: {matching} of {len(specs)} parameters match ({len(found)} tensors in the file). "
            f"Differences: {'; '.join(differences[:3])}{more}. docs/weights.md has the names of each architecture"
        )
    return {spec.name: found[spec.name].to(torch.float32) for spec in specs}


def _difference(spec: ParameterSpec, there: Tensor | None) -> str | None:
    expected = "×".join(map(str, spec.shape))
    if there is None:
        return f"{spec.name} is missing (expected {expected})"
    return None if tuple(there.shape) == spec.shape else f"{spec.name} is {_shape_text(there)}, expected {expected}"


def _shape_text(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a scalar"
