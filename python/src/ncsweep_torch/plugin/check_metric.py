"""What `ncsweep plugin test` asks of a metric."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from ncsweep_torch.collapse.records import MetricRecord
from ncsweep_torch.philox import normals, random_key
from ncsweep_torch.plugin.loader import Function
from ncsweep_torch.plugin.metric import MetricBatch, MetricData, metric_records
from ncsweep_torch.plugin.sample import CLASSES, SEED, Check, values_of, weights

_COUNT, _LENGTH = 60, 6


class _Counted:
    """Made features around class means, and how many passes over them were taken."""

    def __init__(self, of: str, batch_size: int = _COUNT) -> None:
        indices = torch.arange(_COUNT)
        labels = indices % CLASSES
        length = CLASSES if of == "logits" else _LENGTH
        spread = normals(random_key(SEED, "features"), indices, length).to(torch.float64)
        corners = normals(random_key(SEED, "means"), torch.arange(CLASSES), length).to(torch.float64)
        features = corners[labels] * 2 + spread
        means = torch.stack([features[labels == label].mean(0) for label in range(CLASSES)])
        self.passes = 0

        def batches() -> Iterator[MetricBatch]:
            self.passes += 1
            for start in range(0, _COUNT, batch_size):
                part = slice(start, start + batch_size)
                yield MetricBatch(features[part], labels[part], torch.cdist(features[part], means).argmin(1))

        if of == "logits":
            self.data = MetricData("", "", CLASSES, _COUNT, batches, None, None, None, SEED, weights())
        else:
            clean = means + 0.1 * corners
            self.data = MetricData("layer", "flatten", CLASSES, _COUNT, batches, means, clean, corners, SEED, weights())


def metric_checks(full: str, function: Function, part: Mapping[str, Any]) -> list[Check]:
    """Shape, range, batches, repeats and cost."""
    values, returns = values_of(part), part["returns"]

    def measure(counted: _Counted) -> list[MetricRecord]:
        return metric_records(full, returns, lambda: function(counted.data, **values), counted.data)

    def fresh(batch_size: int = _COUNT) -> list[MetricRecord]:
        return measure(_Counted(part["of"], batch_size))

    def shape() -> str | None:
        return None if fresh() else "it returned None for 60 examples of 4 classes around different means"

    def bounds() -> str | None:
        low, high = part.get("minimum", -torch.inf), part.get("maximum", torch.inf)
        beyond = [record.value for record in fresh() if not low <= record.value <= high]
        return f"{beyond[0]:.6g} is not within its minimum and maximum" if beyond else None

    def batches() -> str | None:
        tolerance = part["tolerance"]
        for one, other in zip(fresh(), fresh(7), strict=True):
            size = max(abs(one.value), abs(other.value))
            if abs(one.value - other.value) > max(tolerance["absolute"], tolerance["relative"] * size):
                return f"{one.value:.6g} in one batch, and {other.value:.6g} in batches of 7: further apart than its tolerance"
        return None

    def repeats() -> str | None:
        return None if fresh() == fresh() else "the second time it returned other numbers"

    def cost() -> str | None:
        counted = _Counted(part["of"])
        measure(counted)
        return None if counted.passes <= part["passes"] else f"it took {counted.passes} passes; passes says {part['passes']}"

    return [
        ("it returns finite numbers, as many as declared", shape),
        ("they are within its minimum and maximum", bounds),
        ("they do not depend on the batches", batches),
        ("it repeats itself", repeats),
        ("it takes no more passes than declared", cost),
    ]
