"""A network with fixed weights in eval mode, for attacks and evaluation: batch norm is folded into the preceding convolution."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, assert_never

import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.network.layout import channels_last
from ncsweep_torch.network.max_pool import max_pool
from ncsweep_torch.network.nodes import (
    Activation,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    GlobalAveragePool,
    MaxPool,
    Node,
    Normalise,
    Residual,
    Tap,
)
from ncsweep_torch.network.training import BATCH_NORM_TINY, activate

Op = Callable[[Tensor], Tensor]


class _Step(NamedTuple):
    """An operation, or, where there is none, the name of the layer that the value is."""

    op: Op | None
    layer: str


class FrozenNetwork:
    """Logits and layers of images [B,C,H,W]. Only images get gradients."""

    def __init__(self, nodes: Sequence[Node], weights: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            self._steps = tuple(_compile(nodes, {name: tensor.detach() for name, tensor in weights.items()}))

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers, in depth order."""
        return tuple(layer for op, layer in self._steps if op is None)

    def __call__(self, images: Tensor, up_to: str | None = None) -> Tensor:
        """Logits [B,K], or the features of the layer `up_to`."""
        value = images
        for op, layer in self._steps:
            if op is not None:
                value = op(value)
            elif layer == up_to:
                break
        return value

    def features(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits and every named layer, from one pass without gradients."""
        layers: dict[str, Tensor] = {}
        value = images
        with torch.no_grad():
            for op, layer in self._steps:
                if op is None:
                    layers[layer] = value
                else:
                    value = op(value)
        return value, layers


def _compile(nodes: Sequence[Node], weights: Mapping[str, Tensor]) -> list[_Step]:
    steps: list[_Step] = []
    at = 0
    while at < len(nodes):
        node = nodes[at]
        after = nodes[at + 1] if at + 1 < len(nodes) else None
        if isinstance(node, Tap):
            steps.append(_Step(None, node.layer))
        elif isinstance(node, Conv) and isinstance(after, BatchNorm):
            relu = at + 2 < len(nodes) and nodes[at + 2] == Activation("relu")
            steps.append(_Step(_folded(node, after, relu, weights), ""))
            at += 2 if relu else 1
        else:
            steps.append(_Step(_op(node, weights), ""))
        at += 1
    return steps


def _op(
    node: Normalise | Conv | BatchNorm | Activation | MaxPool | GlobalAveragePool | Flatten | Dense | Residual,
    weights: Mapping[str, Tensor],
) -> Op:
    match node:
        case Normalise(mean, std):
            like = next(iter(weights.values()))
            scale, shift = (
                torch.tensor(values, dtype=like.dtype, device=like.device).view(-1, 1, 1)
                for values in ([1 / s for s in std], [-m / s for m, s in zip(mean, std, strict=True)])
            )
            return lambda x: x * scale + shift
        case Conv(name, _, _, kernel, stride):
            return lambda x: F.conv2d(x, weights[f"{name}.weight"], None, stride, (kernel - 1) // 2)
        case BatchNorm():
            scale, shift = (each.view(-1, 1, 1) for each in _affine(node, weights))
            return lambda x: x * scale + shift
        case Activation(fn):
            return lambda x: activate(x, fn)
        case MaxPool():
            return max_pool
        case GlobalAveragePool():
            return lambda x: x.mean((2, 3))
        case Flatten():
            return lambda x: channels_last(x).flatten(1)
        case Dense(name, _, _):
            return lambda x: F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])
        case Residual(body, shortcut):
            main, side = _chain(body, weights), _chain(shortcut, weights)
            return lambda x: main(x) + side(x)
    assert_never(node)


def _chain(nodes: Sequence[Node], weights: Mapping[str, Tensor]) -> Op:
    ops = [op for op, _ in _compile(nodes, weights) if op is not None]

    def run(x: Tensor) -> Tensor:
        for op in ops:
            x = op(x)
        return x

    return run


def _folded(conv: Conv, batch_norm: BatchNorm, relu: bool, weights: Mapping[str, Tensor]) -> Op:
    scale, shift = _affine(batch_norm, weights)
    kernel = weights[f"{conv.name}.weight"] * scale.view(-1, 1, 1, 1)
    stride, padding = conv.stride, (conv.kernel - 1) // 2
    if relu:
        return lambda x: F.relu_(F.conv2d(x, kernel, shift, stride, padding))
    return lambda x: F.conv2d(x, kernel, shift, stride, padding)


def _affine(node: BatchNorm, weights: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Batch norm in eval mode as scale · x + shift."""
    name = node.name
    scale = weights[f"{name}.weight"] * torch.rsqrt(weights[f"{name}.running_var"] + BATCH_NORM_TINY)
    return scale, weights[f"{name}.bias"] - weights[f"{name}.running_mean"] * scale
