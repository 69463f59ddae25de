"""Where examples and class means lie among the clean vertices.

Everything is seen from the clean centre mu′_G, so that when all examples leap to one vertex, their cosine with it is 1. Undefined cosines (a
point at the centre, a class without clean samples) are left out.
"""

import math

import numpy as np
import torch
from torch import Tensor

from ncsweep_torch.collapse.class_means import CentredMeans, Means, centre_means
from ncsweep_torch.collapse.nearest_mean import NearestCounts, Reference
from ncsweep_torch.collapse.records import Floats, MetricRecord, per_class, scalar


class CleanPlacement:
    """Examples are given by products of their residuals r = h − mu_y with `directions`."""

    def __init__(self, own: CentredMeans, own_means: Means, clean: Means, device: torch.device) -> None:
        """`clean` is the same array as `own_means` when the evaluated data are the clean ones."""
        self.is_own = clean is own_means
        self.centred = own if self.is_own else centre_means(clean)
        rows, centre = self.centred.rows, self.centred.centre
        places = own_means[own.present] - centre
        self._classes, self._own, self._q = len(clean), own, len(own.present)
        self._squares: Floats = (places**2).sum(1)
        self._offsets: Floats = places @ rows.T
        self._vertex_squares: Floats = (rows**2).sum(1)
        # What residuals are multiplied with: the own centred means and, where the clean means differ, those and mu_G − mu′_G.
        self.directions = own.rows if self.is_own else np.vstack((own.rows, rows, own.centre - centre))

        def put(values: Floats) -> Tensor:
            return torch.tensor(values, dtype=torch.float64, device=device)

        self._norms = put(np.sqrt(self._vertex_squares))
        self._place_squares = put(self._squares)
        vertices = torch.tensor(self.centred.present, dtype=torch.int64, device=device)
        self._reference = Reference(vertices, put(self._vertex_squares), put(self._offsets))
        # Slot of each class's own vertex, −1 where there is none [K].
        self._slots = torch.full((self._classes,), -1, dtype=torch.int64, device=device)
        self._slots[vertices] = torch.arange(len(vertices), device=device)
        self._nearest = NearestCounts(device)
        # Examples of class i whose nearest vertex is j [K · K].
        self._leaps = torch.zeros(self._classes**2, dtype=torch.int64, device=device)
        self._cosines = {name: torch.zeros(2, dtype=torch.float64, device=device) for name in ("nearest", "true")}

    def add(self, labels: Tensor, y: Tensor, predictions: Tensor | None, squares: Tensor, products: Tensor) -> None:
        """Labels [B], their slots [B], ‖r‖² [B], products with the directions [B, R]."""
        if len(self._reference.present) == 0:
            return
        n = len(self._reference.present)
        with_vertices = products[:, :n] if self.is_own else products[:, self._q : self._q + n]
        nearest = self._reference.present[self._reference.nearest(y, with_vertices)]
        self._nearest.add(nearest, labels, predictions)
        self._leaps += torch.bincount(labels * self._classes + nearest, minlength=self._classes**2)
        self._add_cosines(labels, y, squares, products, with_vertices)

    def _add_cosines(self, labels: Tensor, y: Tensor, squares: Tensor, products: Tensor, with_vertices: Tensor) -> None:
        """h − mu′_G = r + (mu_y − mu′_G), and r·(mu_y − mu′_G) = r·m_y + r·(mu_G − mu′_G)."""
        along = products.gather(1, y[:, None])[:, 0]
        if not self.is_own:
            along = along + products[:, -1]
        lengths = (squares + 2 * along + self._place_squares[y]).clamp(min=0).sqrt()
        cosines = (with_vertices + self._reference.offsets[y]) / (lengths[:, None] * self._norms)
        slots = self._slots[labels]
        own = cosines.gather(1, slots.clamp(min=0)[:, None])[:, 0]
        self._accumulate("nearest", torch.where(cosines.isnan(), -math.inf, cosines).amax(1))
        self._accumulate("true", torch.where(slots < 0, math.nan, own))

    def _accumulate(self, name: str, cosines: Tensor) -> None:
        finite = cosines.isfinite()
        self._cosines[name] += torch.stack((torch.where(finite, cosines, 0).sum(), finite.sum()))

    def records(self) -> list[MetricRecord]:
        """Leave out what is undefined."""
        sums = {name: values.tolist() for name, values in self._cosines.items()}
        return [
            *self._mean_records(),
            *self._nearest.records("clean"),
            *self._leap_records(),
            *(
                each
                for name, (total, count) in sums.items()
                if count > 0
                for each in scalar(f"leap_example_cos_{name}", total / count)
            ),
        ]

    def _mean_records(self) -> list[MetricRecord]:
        with np.errstate(invalid="ignore", divide="ignore"):
            cosines = self._offsets / (np.sqrt(self._squares)[:, None] * np.sqrt(self._vertex_squares))
        vertices, own = self.centred.present, self._own.present
        defined = np.where(np.isfinite(cosines), cosines, -math.inf)
        nearest = defined.max(1) if len(vertices) > 0 else np.full(len(own), math.nan)
        true = [cosines[slot, vertices.index(c)] if c in vertices else math.nan for slot, c in enumerate(own)]
        return [*per_class("leap_cos_nearest", own, nearest), *per_class("leap_cos_true", own, true)]

    def _leap_records(self) -> list[MetricRecord]:
        counts = self._leaps.cpu().numpy().reshape(self._classes, self._classes)
        totals = counts.sum(1)
        if totals.sum() == 0:
            return []
        return [
            *scalar("leap_rate", 1 - counts.trace() / totals.sum()),
            *(
                MetricRecord("leap_matrix", float(counts[i, j] / totals[i]), i, j)
                for i in range(self._classes)
                if totals[i] > 0
                for j in range(self._classes)
            ),
        ]
