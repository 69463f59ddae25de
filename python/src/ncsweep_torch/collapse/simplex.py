"""NC2 and NC3: do the class means and the classifier weights each form a simplex, and is it the same one?"""

import math

import numpy as np

from ncsweep_torch.collapse.class_means import CentredMeans
from ncsweep_torch.collapse.records import Floats, MetricRecord, scalar
from ncsweep_torch.collapse.vectors import cosines


def means_records(gram: Floats, present: list[int]) -> list[MetricRecord]:
    """NC2 of the class means, from MᵀM [P, P]; `present` are original class indices [P]."""
    found = cosines(gram)
    return [
        *scalar("nc2_equinorm_means", _equinorm(gram)),
        *scalar("nc2_equiangular_means", _equiangular(found)),
        *(
            MetricRecord("nc2_cosines", float(found[i, j]), row, col)
            for i, row in enumerate(present)
            for j, col in enumerate(present)
            if math.isfinite(found[i, j])
        ),
    ]


def weights_records(weights: Floats, means: CentredMeans) -> list[MetricRecord]:
    """NC2 of the weights [K, d] covers all K classes; NC3 those present."""
    gram = weights @ weights.T
    rows = weights[means.present]
    with np.errstate(invalid="ignore", divide="ignore"):
        duality = ((rows / np.linalg.norm(rows) - means.rows / np.linalg.norm(means.rows)) ** 2).sum()
    return [
        *scalar("nc2_equinorm_weights", _equinorm(gram)),
        *scalar("nc2_equiangular_weights", _equiangular(cosines(gram))),
        *scalar("nc3", duality),
    ]


def _equinorm(gram: Floats) -> float:
    """std/mean of the norms with ddof = 1."""
    norms = np.sqrt(gram.diagonal())
    if len(norms) < 2 or norms.mean() == 0:
        return math.nan
    return float(norms.std(ddof=1) / norms.mean())


def _equiangular(found: Floats) -> float:
    n = len(found)
    if n < 2:
        return math.nan
    return float(np.abs(found[~np.eye(n, dtype=bool)] + 1 / (n - 1)).mean())
