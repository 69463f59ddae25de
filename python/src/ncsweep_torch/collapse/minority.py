"""Classes that are a minority of a dataset against its others (Fang et al., arXiv 2101.12699)."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ncsweep_torch.collapse.class_means import CentredMeans
from ncsweep_torch.collapse.records import Floats, MetricRecord, scalar
from ncsweep_torch.collapse.vectors import cosines


class MinorityPass:
    """Counts right predictions of minority classes and of the others, and compares the directions of their means and weights."""

    def __init__(
        self, minority: Sequence[int], means: CentredMeans, weights: Floats | None, classes: int, device: torch.device
    ) -> None:
        """`weights` [K, d] are those of the linear classifier on these features; only for the last layer."""
        self._means, self._weights = means, weights
        self._is_minority = np.isin(np.arange(classes), list(minority))
        self._group = torch.tensor(self._is_minority, device=device).to(torch.int64)
        # Right predictions and all, of the majority and of the minority.
        self._counts = torch.zeros(2, 2, dtype=torch.int64, device=device)

    def add(self, labels: Tensor, predictions: Tensor | None) -> None:
        """Both int64 [B], on the device."""
        if predictions is None or self._weights is None:
            return
        groups = self._group[labels]
        right = (predictions == labels).to(torch.int64)
        for group in (0, 1):
            inside = (groups == group).to(torch.int64)
            self._counts[group] += torch.stack(((inside * right).sum(), inside.sum()))

    def records(self) -> list[MetricRecord]:
        """What is undefined is left out."""
        present = self._is_minority[self._means.present]
        found = [
            *scalar("cos_minority_means", _mean_cosine(self._means.rows[present])),
            *scalar("cos_majority_means", _mean_cosine(self._means.rows[~present])),
        ]
        if self._weights is not None:
            few, many = self._weights[self._is_minority], self._weights[~self._is_minority]
            with np.errstate(invalid="ignore", divide="ignore"):
                ratio = np.linalg.norm(few, axis=1).mean() / np.linalg.norm(many, axis=1).mean()
            found += [
                *scalar("cos_minority_weights", _mean_cosine(few)),
                *scalar("cos_majority_weights", _mean_cosine(many)),
                *scalar("norm_ratio_weights", ratio),
            ]
        counts = self._counts.tolist()
        for name, (right, total) in (("accuracy_minority", counts[1]), ("accuracy_majority", counts[0])):
            found += scalar(name, right / total if total > 0 else math.nan)
        return found


def _mean_cosine(rows: Floats) -> float:
    """Mean cosine of two different rows; NaN for fewer than two, or beside a zero row."""
    if len(rows) < 2:
        return math.nan
    return float(cosines(rows @ rows.T)[np.triu_indices(len(rows), 1)].mean())
