"""Single numbers of metrics. What is undefined is left out: neither NaN nor infinity is ever recorded."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class NonFiniteFeaturesError(Exception):
    """Features contain NaN or infinity, which makes every metric meaningless."""


class MetricRecord(NamedTuple):
    """One number; `row` and `col` are original class indices, −1 where they do not apply."""

    metric: str
    value: float
    row: int = -1
    col: int = -1


def scalar(metric: str, value: float) -> list[MetricRecord]:
    """The record of a number, if it is defined."""
    return [MetricRecord(metric, float(value))] if math.isfinite(value) else []


def per_class(metric: str, classes: Sequence[int], values: Iterable[float]) -> list[MetricRecord]:
    """The mean over the classes where the value is defined, then one record per class."""
    defined = [
        MetricRecord(metric, float(value), row) for row, value in zip(classes, values, strict=True) if math.isfinite(value)
    ]
    if not defined:
        return []
    return [MetricRecord(metric, sum(record.value for record in defined) / len(defined)), *defined]
