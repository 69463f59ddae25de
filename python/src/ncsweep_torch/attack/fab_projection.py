"""The step of FAB (Croce & Hein 2020, section 3): the shortest way from an image to a hyperplane that stays in the box [0,1]."""

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm


def to_hyperplane(x: Tensor, w: Tensor, distance: Tensor, norm: Norm) -> Tensor:
    """Offsets d [B,D] with w·(x + d) = w·x − distance, the shortest in the norm, in float64.

    Each value moves against the sign of w by min(λ r, room), where room is what the box leaves it, and r is 1 for L∞ and |w| for L2. What that
    gains rises with λ, is concave and made of straight pieces, so that Newton's method from 0 ends at the exact λ. Where the box ends before
    the hyperplane, d leads to the corner that is nearest to it.
    """
    towards = torch.where(distance < 0, -1.0, 1.0).double()[:, None] * w.sign()
    weights = w.abs()
    rates = (weights > 0).double() if norm == "linf" else weights
    rooms = torch.where(towards > 0, x, 1 - x)
    reach = _reach(weights, rates, rooms, distance.abs())
    moved = torch.where(rates > 0, torch.minimum(reach[:, None] * rates, rooms), 0)
    return -towards * moved


def _reach(weights: Tensor, rates: Tensor, rooms: Tensor, wanted: Tensor) -> Tensor:
    """The λ [B] at which Σ weight · min(λ rate, room) is `wanted` [B]; infinity where it never is."""
    reach = torch.zeros_like(wanted)
    while True:
        moved = reach[:, None] * rates
        moves = moved < rooms
        gained = (weights * torch.where(moves, moved, rooms)).sum(1)
        slope = (weights * rates * moves).sum(1)
        rises = gained < wanted
        ahead = torch.where(slope > 0, reach + (wanted - gained) / slope, torch.inf)
        # What is not ahead differs by less than rounding.
        going = rises & (ahead > reach)
        if not going.any():
            return reach
        reach = torch.where(going, ahead, reach)


def length_of(offset: Tensor, norm: Norm) -> Tensor:
    """Lengths [B] of offsets [B,D]."""
    return offset.abs().amax(1) if norm == "linf" else offset.square().sum(1).sqrt()
