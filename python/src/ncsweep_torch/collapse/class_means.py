"""First pass: class means, and how far apart the means of two halves of the data lie."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ncsweep_torch.collapse.records import Floats, NonFiniteFeaturesError
from ncsweep_torch.collapse.vectors import angles_degrees

# Class means [K, d]; a class without samples is a row of NaN.
Means = Floats


@dataclass(frozen=True)
class CentredMeans:
    """Class means minus their unweighted mean, for the P classes that have samples."""

    # Original index of each class present [P], ascending.
    present: list[int]
    # mu_G [d]
    centre: Floats
    # m_c = mu_c − mu_G [P, d]
    rows: Floats


@dataclass(frozen=True)
class ClassMeans:
    """Class means of a data set, and its size."""

    means: Means
    # Samples of each class [K].
    counts: Floats
    # Degrees between the centred class means of the even and odd samples of each class [K]; NaN where a half is empty.
    split_half_angles: Floats


def centre_means(means: Means) -> CentredMeans:
    """Centres the means of the classes present."""
    present = np.flatnonzero(~np.isnan(means[:, 0]))
    rows = means[present]
    centre = rows.mean(0)
    return CentredMeans(present.tolist(), centre, rows - centre)


class MeansPass:
    """Sums in float64 around the first sample, so that a large common offset costs no digits; two halves per class."""

    def __init__(self, classes: int, device: torch.device) -> None:
        self._numbers = torch.arange(classes, device=device)
        self._counts = torch.zeros(classes, dtype=torch.int64, device=device)
        self._origin: Tensor | None = None
        # Sums of h − origin over even and odd samples of each class [2K, d].
        self._sums: Tensor | None = None

    def add(self, features: Tensor, labels: Tensor) -> None:
        """Features are float64 [B, d], labels int64 [B] in 0..K−1, both on the device."""
        if self._origin is None or self._sums is None:
            self._origin = features[0].clone()
            self._sums = torch.zeros(2 * len(self._numbers), features.shape[1], dtype=torch.float64, device=features.device)
        of_class = labels[:, None] == self._numbers
        # How many samples of its class came before each: its halves take turns.
        before = (of_class.cumsum(0) - 1 + self._counts)[of_class.nonzero(as_tuple=True)]
        is_odd = (before % 2 == 1)[:, None]
        selector = torch.cat((of_class & ~is_odd, of_class & is_odd), 1).to(torch.float64)
        self._sums.addmm_(selector.T, features - self._origin)
        self._counts += of_class.sum(0)

    def finish(self) -> ClassMeans:
        """Raises NonFiniteFeaturesError."""
        if self._origin is None or self._sums is None:
            raise ValueError("no batch was added")
        counts = self._counts.cpu().numpy().astype(np.float64)
        halves = self._sums.cpu().numpy().reshape(2, len(counts), -1)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = self._origin.cpu().numpy() + (halves[0] + halves[1]) / counts[:, None]
        means[counts == 0] = np.nan
        if not np.isfinite(means[counts > 0]).all():
            raise NonFiniteFeaturesError("features hold NaN or infinity")
        return ClassMeans(means, counts, _split_half_angles(halves, counts))


def _split_half_angles(halves: Floats, counts: Floats) -> Floats:
    """Only for classes with two or more samples, so that both halves are centred over the same classes; the origin cancels."""
    angles = np.full(len(counts), np.nan)
    halved = counts >= 2
    if halved.any():
        sizes = np.stack((np.ceil(counts / 2), np.floor(counts / 2)))[:, halved, None]
        even, odd = halves[:, halved] / sizes
        angles[halved] = angles_degrees(even - even.mean(0), odd - odd.mean(0))
    return angles
