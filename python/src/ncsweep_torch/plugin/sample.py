"""What parts of plug-ins are tried on: a small network, its images, and values of parameters."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from ncsweep_torch.attack.draws import ImageShape, uniform_draws
from ncsweep_torch.network.nodes import read_nodes
from ncsweep_torch.philox import normals, random_key

IMAGE, CLASSES, COUNT, SEED = (8, 8, 3), 4, 16, 1
NODES = read_nodes(
    (
        {"kind": "conv", "name": "conv1", "inputs": 3, "outputs": 6, "kernel": 3, "stride": 1},
        {"kind": "activation", "fn": "softplus"},
        {"kind": "globalAveragePool"},
        {"kind": "dense", "name": "classifier", "inputs": 6, "outputs": CLASSES},
    )
)
_SHAPES = {"conv1.weight": (6, 3, 3, 3), "classifier.weight": (CLASSES, 6), "classifier.bias": (CLASSES,)}
LABELS = torch.arange(COUNT) % CLASSES

# What must hold of a part that has code in TypeScript too.
SAME_IN_TYPESCRIPT = "it computes what it computes in TypeScript"

# What must hold, and what was found instead; None: all is well.
Check = tuple[str, Callable[[], str | None]]


def values_of(part: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults; where there is none, the smallest value."""
    return {name: schema.get("default", schema.get("minimum", _any(schema))) for name, schema in part["params"].items()}


def _any(schema: Mapping[str, Any]) -> object:
    return {"integer": 1, "number": 1.0, "boolean": False}.get(schema["type"], schema.get("enum", [""])[0])


def weights() -> dict[str, Tensor]:
    """Of the small network."""
    one = torch.zeros(1, dtype=torch.int64)
    sizes = {name: int(torch.tensor(shape).prod()) for name, shape in _SHAPES.items()}
    return {name: normals(random_key(SEED, name), one, sizes[name]).view(shape) * 0.5 for name, shape in _SHAPES.items()}


def images_of(count: int, image: ImageShape) -> Tensor:
    """[B,C,H,W] in [0,1], of images [height, width, channels]."""
    return uniform_draws(SEED, "images", torch.arange(count), image)


def images() -> Tensor:
    """For the small network."""
    return images_of(COUNT, IMAGE)


def product_of(factors: int | str | list[int | str], values: Mapping[str, Any]) -> int:
    """A number of the manifest: whole numbers and names of integer parameters, multiplied."""
    product = 1
    for factor in factors if isinstance(factors, list) else [factors]:
        product *= int(values[factor]) if isinstance(factor, str) else factor
    return product
