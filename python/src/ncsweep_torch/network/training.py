"""A forward pass through weights that change, for autograd."""

from collections.abc import Mapping, Sequence
from typing import Literal, assert_never

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

# Guards batch norm's division; PyTorch's default.
BATCH_NORM_TINY = 1e-5
# Weight of the newest batch in running statistics; PyTorch's default. Their variance is the unbiased one.
RUNNING_MOMENTUM = 0.1

BatchNormMode = Literal["train", "eval"]


def training_logits(nodes: Sequence[Node], images: Tensor, weights: Mapping[str, Tensor], batch_norm: BatchNormMode) -> Tensor:
    """Logits [B,K] of images [B,C,H,W]. In mode `train` batch norm uses the batch's statistics and updates the running ones in place."""
    value = images
    for node in nodes:
        value = _forward(node, value, weights, batch_norm)
    return value


def _forward(node: Node, x: Tensor, weights: Mapping[str, Tensor], mode: BatchNormMode) -> Tensor:
    match node:
        case Tap():
            return x
        case Normalise(mean, std):
            return normalise(x, mean, std)
        case Conv(name, _, _, kernel, stride):
            return F.conv2d(x, weights[f"{name}.weight"], None, stride, (kernel - 1) // 2)
        case BatchNorm(name, _):
            return _batch_norm(name, x, weights, mode)
        case Activation(fn):
            return activate(x, fn)
        case MaxPool():
            return max_pool(x)
        case GlobalAveragePool():
            return x.mean((2, 3))
        case Flatten():
            return channels_last(x).flatten(1)
        case Dense(name, _, _):
            return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])
        case Residual(body, shortcut):
            return training_logits(body, x, weights, mode) + training_logits(shortcut, x, weights, mode)
    assert_never(node)


def _batch_norm(name: str, x: Tensor, weights: Mapping[str, Tensor], mode: BatchNormMode) -> Tensor:
    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    scale, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
    values = x.numel() // x.shape[1]
    if mode == "train" and values == 1:
        # The unbiased variance of a single value is undefined; its share in the running one is 0, as that of the biased one.
        with torch.no_grad():
            mean.mul_(1 - RUNNING_MOMENTUM).add_(x.detach().flatten(), alpha=RUNNING_MOMENTUM)
            variance.mul_(1 - RUNNING_MOMENTUM)
        return torch.batch_norm(x, scale, shift, None, None, True, 0, BATCH_NORM_TINY, torch.backends.cudnn.enabled)
    return F.batch_norm(x, mean, variance, scale, shift, mode == "train", RUNNING_MOMENTUM, BATCH_NORM_TINY)


def normalise(x: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """(x − mean) · (1/std) per channel."""
    scale = torch.tensor([1 / s for s in std], dtype=x.dtype, device=x.device).view(-1, 1, 1)
    return (x - torch.tensor(mean, dtype=x.dtype, device=x.device).view(-1, 1, 1)) * scale


def activate(x: Tensor, fn: Literal["relu", "softplus"]) -> Tensor:
    """ReLU, whose gradient at 0 is 0, or softplus."""
    return F.relu(x) if fn == "relu" else F.softplus(x)
