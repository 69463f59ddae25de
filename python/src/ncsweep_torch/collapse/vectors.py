"""Angles and products of rows, in float64."""

import numpy as np

from ncsweep_torch.collapse.records import Floats


def angles_degrees(first: Floats, second: Floats) -> Floats:
    """Angles in degrees between rows [n, d] and rows [n, d]; NaN where one is zero: [n].

    Kahan's 2·atan2(‖u − v‖, ‖u + v‖) of unit vectors: exact up to rounding, even near 0° and 180°, where arccos of a rounded cosine loses half
    the digits.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        u, v = (rows / np.sqrt((rows**2).sum(1, keepdims=True)) for rows in (first, second))
        minus, plus = ((sides**2).sum(1) for sides in (u - v, u + v))
        return np.asarray(2 * np.degrees(np.arctan2(np.sqrt(minus), np.sqrt(plus))), dtype=np.float64)


def cosines(gram: Floats) -> Floats:
    """Cosines [n, n] of vectors with the products `gram` [n, n], exactly 1 on the diagonal; NaN beside a zero vector."""
    norms = np.sqrt(gram.diagonal())
    products = np.outer(norms, norms)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = gram / products
    np.fill_diagonal(found, np.where(norms > 0, 1.0, np.nan))
    return np.asarray(found, dtype=np.float64)
