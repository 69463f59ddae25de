"""Second pass: every metric of a layer, from products of residuals r = h − mu_y with centred class means.

Regrouping (by predicted or target labels) repeats the same two passes with other labels.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ncsweep_torch.collapse.alignment import alignment_records
from ncsweep_torch.collapse.class_means import ClassMeans, Means, centre_means
from ncsweep_torch.collapse.minority import MinorityPass
from ncsweep_torch.collapse.nearest_mean import NearestCounts, Reference
from ncsweep_torch.collapse.placement import CleanPlacement
from ncsweep_torch.collapse.records import Floats, MetricRecord, per_class
from ncsweep_torch.collapse.simplex import means_records, weights_records
from ncsweep_torch.collapse.within_class import within_class_records

# Products held back until their many small operations are worth it.
_PENDING_PRODUCTS = 1 << 19


class MetricsPass:
    """Takes the batches that the first pass saw, with the same labels."""

    def __init__(
        self, own: ClassMeans, clean: Means | None, weights: Floats | None, device: torch.device, minority: Sequence[int] = ()
    ) -> None:
        """`clean` is `own.means` itself when the evaluated data are clean; without it, metrics that need it are left out.

        `weights` [K, d] are those of the linear classifier on these features; only for the last layer. `minority` classes are compared
        with the others.
        """
        self._own_means, self._clean_means, self._weights = own, clean, weights
        self._own = centre_means(own.means)
        self._placement = None if clean is None else CleanPlacement(self._own, own.means, clean, device)
        self._minority = MinorityPass(minority, self._own, weights, len(own.means), device) if minority else None
        directions = self._own.rows if self._placement is None else self._placement.directions
        n = len(self._own.present)

        def put(values: Floats) -> Tensor:
            return torch.tensor(values, dtype=torch.float64, device=device)

        self._gram = self._own.rows @ self._own.rows.T
        self._means, self._directions = put(own.means), put(directions)
        present = torch.tensor(self._own.present, dtype=torch.int64, device=device)
        self._reference = Reference(present, put(self._gram.diagonal()), put(self._gram))
        # Slot of each class among those present [K].
        self._slots = torch.full((len(own.means),), -1, dtype=torch.int64, device=device)
        self._slots[present] = torch.arange(n, device=device)
        self._squares = torch.zeros(n, dtype=torch.float64, device=device)
        self._scatter = torch.zeros(n, n, dtype=torch.float64, device=device)
        self._nearest = NearestCounts(device)
        self._pending: list[tuple[Tensor, Tensor | None, Tensor, Tensor]] = []
        self._pending_products = 0

    def add(self, features: Tensor, labels: Tensor, predictions: Tensor | None) -> None:
        """Features are float64 [B, d], labels and predictions int64 [B], on the device."""
        residuals = features - self._means[labels]
        products = residuals @ self._directions.T
        if self._minority is not None:
            self._minority.add(labels, predictions)
        squares = torch.linalg.vecdot(residuals, residuals)
        self._pending.append((labels, predictions, squares, products))
        self._pending_products += products.numel()
        if self._pending_products >= _PENDING_PRODUCTS:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        labels, squares, products = (torch.cat([each[i] for each in self._pending]) for i in (0, 2, 3))  # type: ignore[misc]
        given = [each[1] for each in self._pending if each[1] is not None]
        predictions = torch.cat(given) if given else None
        self._pending, self._pending_products = [], 0
        n = len(self._own.present)
        y, own = self._slots[labels], products[:, :n]
        self._squares += (y[:, None] == torch.arange(n, device=y.device)).to(torch.float64).T @ squares
        self._scatter.addmm_(own.T, own)
        self._nearest.add(self._reference.present[self._reference.nearest(y, own)], labels, predictions)
        if self._placement is not None:
            self._placement.add(labels, y, predictions, squares, products)

    def finish(self) -> list[MetricRecord]:
        """All records, in the order of the files."""
        self._flush()
        own, present = self._own_means, self._own.present
        squares, scatter = self._squares.cpu().numpy(), self._scatter.cpu().numpy()
        return [
            *within_class_records(self._gram, own.counts[present], squares, scatter),
            *means_records(self._gram, present),
            *([] if self._weights is None else weights_records(self._weights, self._own)),
            *per_class("split_half_angle", present, own.split_half_angles[present]),
            *self._nearest.records("own"),
            *self._clean_records(),
            *([] if self._minority is None else self._minority.records()),
        ]

    def _clean_records(self) -> list[MetricRecord]:
        if self._placement is None or self._clean_means is None:
            return []
        aligned = alignment_records(self._own_means.means, self._own, self._clean_means, self._placement.centred)
        return [*aligned, *self._placement.records()]
