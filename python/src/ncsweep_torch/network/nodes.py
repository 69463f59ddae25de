"""A network as data: nodes from pixels [B,H,W,C] in [0,1] to logits [B,K], as a task lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ncsweep_torch.refusal import RefusedError


@dataclass(frozen=True)
class Normalise:
    """Per channel (x − mean) / std; attacks act before it, in pixel space."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Conv:
    """Square kernel 1 or 3, stride 1 or 2, zero padding (kernel − 1) / 2 on every side. No bias: batch norm follows."""

    name: str
    inputs: int
    outputs: int
    kernel: int
    stride: int


@dataclass(frozen=True)
class BatchNorm:
    """Batch norm over batch and pixels, one γ and β per channel."""

    name: str
    channels: int


@dataclass(frozen=True)
class Activation:
    """ReLU; softplus only in tests that compare gradients, where kinks would hide errors."""

    fn: Literal["relu", "softplus"]


@dataclass(frozen=True)
class MaxPool:
    """2×2, stride 2."""


@dataclass(frozen=True)
class GlobalAveragePool:
    """[B,C,H,W] → [B,C]."""


@dataclass(frozen=True)
class Flatten:
    """[B,C,H,W] → [B,H·W·C]: channels vary fastest."""


@dataclass(frozen=True)
class Dense:
    """[B,inputs] → [B,outputs], with bias."""

    name: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Residual:
    """body(x) + shortcut(x); an empty shortcut is the identity."""

    body: "tuple[Node, ...]"
    shortcut: "tuple[Node, ...]"


@dataclass(frozen=True)
class Tap:
    """The value here is the features of this named layer. Only at the top level."""

    layer: str


Node = Normalise | Conv | BatchNorm | Activation | MaxPool | GlobalAveragePool | Flatten | Dense | Residual | Tap


def read_nodes(listed: Sequence[Mapping[str, Any]]) -> tuple[Node, ...]:
    """Nodes from their JSON. Raises RefusedError."""
    return tuple(_read_node(each) for each in listed)


def _read_node(node: Mapping[str, Any]) -> Node:
    match node["kind"]:
        case "normalise":
            return Normalise(tuple(node["mean"]), tuple(node["std"]))
        case "conv" if node["kernel"] in (1, 3) and node["stride"] in (1, 2):
            return Conv(node["name"], node["inputs"], node["outputs"], node["kernel"], node["stride"])
        case "batchNorm":
            return BatchNorm(node["name"], node["channels"])
        case "activation" if node["fn"] in ("relu", "softplus"):
            return Activation(node["fn"])
        case "maxPool":
            return MaxPool()
        case "globalAveragePool":
            return GlobalAveragePool()
        case "flatten":
            return Flatten()
        case "dense":
            return Dense(node["name"], node["inputs"], node["outputs"])
        case "residual":
            return Residual(read_nodes(node["body"]), read_nodes(node["shortcut"]))
        case "tap":
            return Tap(node["layer"])
    raise RefusedError(f"the network has the node {dict(node)}, which this program does not know")
