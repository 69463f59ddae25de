"""Metrics of plug-ins: functions that make numbers of the features of a layer, or of the logits."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from ncsweep_torch.collapse.records import MetricRecord, per_class
from ncsweep_torch.philox import normals, random_key
from ncsweep_torch.plugin.draws import own_draws_only
from ncsweep_torch.plugin.failure import PluginError, blamed

MetricResult = Literal["scalar", "classes", "matrix"]


class MetricBatch(NamedTuple):
    """Some examples of the split, in its order."""

    # [B,d] float64: vectors of the layer, or logits.
    features: Tensor
    # [B] int64
    labels: Tensor
    # [B] int64: the classes that the network gives them.
    predictions: Tensor


@dataclass(frozen=True)
class MetricData:
    """What a metric sees: one layer under one pooling, or the logits, of a whole split."""

    # Empty for the logits.
    layer: str
    pooling: str
    classes: int
    # Number of examples.
    count: int
    # Passes over the examples, each with a forward pass of the network.
    batches: Callable[[], Iterator[MetricBatch]]
    # Class means [K,d] float64, NaN for a class without examples; None for the logits.
    means: Tensor | None
    # Those of the clean images of the same snapshot and split; for clean images, `means`.
    clean_means: Tensor | None
    # Weights of the linear classifier [K,d] float64; None but for the last layer.
    classifier: Tensor | None
    seed: int
    # Parameters and buffers of the network by name, on the CPU; not to be changed.
    state: Mapping[str, Tensor] = field(default_factory=dict)

    def whole(self) -> MetricBatch:
        """All examples in one batch. It takes 8 N d bytes."""
        features, labels, predictions = zip(*self.batches(), strict=True)
        return MetricBatch(torch.cat(features), torch.cat(labels), torch.cat(predictions))

    def normal(self, purpose: str, rows: int, columns: int) -> Tensor:
        """Draws [rows, columns] of N(0,1), float64 on the CPU; equal for every layer, and drawn anew for another purpose."""
        key = random_key(self.seed, f"metric/plugin/{purpose}")
        return normals(key, torch.arange(rows), columns).to(torch.float64)


def metric_records(part: str, returns: MetricResult, metric: Callable[[], object], data: MetricData) -> list[MetricRecord]:
    """What the metric returns, checked, as records of its name; none where it returns None. Raises PluginError."""
    place = f"{part} of {data.layer}/{data.pooling}" if data.layer else part
    with torch.no_grad(), own_draws_only(place), blamed(place):
        found = metric()
        if found is None:
            return []
        values = torch.as_tensor(found).detach().to("cpu", torch.float64)
    shape = {"scalar": (), "classes": (data.classes,), "matrix": (data.classes, data.classes)}[returns]
    if tuple(values.shape) != shape:
        raise PluginError(f"{place} returned {list(values.shape)}; plugin.yaml says {returns}, which is {list(shape)}, or None")
    present = _present(data)
    _check_finite(place, values, present)
    if returns == "scalar":
        return [MetricRecord(part, float(values))]
    if returns == "classes":
        return per_class(part, present, values[present].tolist())
    return [MetricRecord(part, float(values[i, j]), i, j) for i in present for j in present]


def _present(data: MetricData) -> Sequence[int]:
    """Classes with examples."""
    if data.means is None:
        return range(data.classes)
    return [int(each) for each in torch.nonzero(~torch.isnan(data.means[:, 0]))[:, 0]]


def _check_finite(place: str, values: Tensor, present: Sequence[int]) -> None:
    known = values if values.dim() == 0 else values[list(present)]
    if values.dim() == 2:
        known = known[:, list(present)]
    wrong = [each for each in known.flatten().tolist() if not math.isfinite(each)]
    if wrong:
        raise PluginError(f"{place} returned {wrong[0]}; expected finite numbers. Remedy: return None where it is undefined")
