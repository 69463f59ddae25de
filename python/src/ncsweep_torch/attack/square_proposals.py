"""Where Square Attack looks next (Andriushchenko et al. 2020, algorithms 2 and 3, with the choices of AutoAttack).

Images are [B,C,H,W]; everything random is in draws [B,count], uniform on [0,1).
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm, example_norm
from ncsweep_torch.attack.draws import ImageShape

# Share of the image that a square covers at first, and the queries after which it halves.
_FIRST_SHARE = 0.8
_HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
# Guards the division by a norm that may be zero; the constant of AutoAttack.
_TINY = 1e-12


class Proposals(Protocol):
    """Points to look at, for one image shape and radius."""

    def start_draws(self) -> int:
        """Number of draws of a start."""

    def query_draws(self) -> int:
        """Number of draws of a query."""

    def start(self, clean: Tensor, draws: Tensor) -> Tensor:
        """The first point."""

    def query(self, clean: Tensor, best: Tensor, side: int, draws: Tensor) -> Tensor:
        """A point that differs from `best` within a square of this side."""


def square_side(norm: Norm, image: ImageShape, query: int) -> int:
    """Side of the square of a query, from 0; odd in L2 unless the image is smaller."""
    height, width, _ = image
    share = _FIRST_SHARE / 2 ** sum(query > after for after in _HALVINGS)
    side = math.floor(math.sqrt(share * height * width) + 0.5)
    return min(max(side, 1) if norm == "linf" else max(side, 3) | 1, height, width)


def _signs(draws: Tensor) -> Tensor:
    return torch.where(draws < 0.5, -1.0, 1.0)


def _places(draws: Tensor, length: int, side: int) -> Tensor:
    """First row or column of each window [B]. As in AutoAttack, the last place of a square is never drawn."""
    return torch.floor(draws.double() * (length - side)).long()


def _inside(first: Tensor, length: int, side: int) -> Tensor:
    """Which rows or columns are in the window [B,length]."""
    at = torch.arange(length, device=first.device)
    return (at >= first[:, None]) & (at < first[:, None] + side)


@dataclass(frozen=True)
class _Windows:
    """A window of each example."""

    row: Tensor
    column: Tensor
    side: int

    def mask(self, image: ImageShape) -> Tensor:
        """[B,1,H,W]."""
        rows, columns = _inside(self.row, image[0], self.side), _inside(self.column, image[1], self.side)
        return (rows[:, :, None] & columns[:, None, :])[:, None]

    def spread(self, values: Tensor, image: ImageShape) -> Tensor:
        """Values of the window [B,C,side,side] in the place of the window, else 0 [B,C,H,W]."""
        rows, columns = (
            torch.arange(length, device=values.device)[None] - first[:, None]
            for length, first in ((image[0], self.row), (image[1], self.column))
        )
        there = values[
            torch.arange(len(values), device=values.device)[:, None, None],
            :,
            rows.clamp(0, self.side - 1)[:, :, None],
            columns.clamp(0, self.side - 1)[:, None, :],
        ]
        return there.permute(0, 3, 1, 2) * self.mask(image)


def _windows(draws: Tensor, image: ImageShape, side: int) -> _Windows:
    return _Windows(_places(draws[:, 0], image[0], side), _places(draws[:, 1], image[1], side), side)


@dataclass(frozen=True)
class LinfProposals:
    """Stripes at first, then squares of one colour; every pixel is at the border of the ball or of the box."""

    image: ImageShape
    epsilon: float

    def start_draws(self) -> int:
        """See Proposals."""
        return self.image[1] * self.image[2]

    def query_draws(self) -> int:
        """See Proposals."""
        return 2 + self.image[2]

    def start(self, clean: Tensor, draws: Tensor) -> Tensor:
        """See Proposals."""
        stripes = _signs(draws).view(-1, 1, self.image[1], self.image[2]).permute(0, 3, 1, 2)
        return (clean + self.epsilon * stripes).clamp(0, 1)

    def query(self, clean: Tensor, best: Tensor, side: int, draws: Tensor) -> Tensor:
        """See Proposals."""
        mask = _windows(draws, self.image, side).mask(self.image)
        moved = best + 2 * self.epsilon * _signs(draws[:, 2:])[:, :, None, None]
        within = torch.minimum(torch.maximum(moved, clean - self.epsilon), clean + self.epsilon).clamp(0, 1)
        return torch.where(mask, within, best)


def _pyramid(rows: int, columns: int) -> Tensor:
    """Rectangles [rows,columns] around the middle, of unit norm; the k-th adds 1/k²."""
    values = torch.zeros(rows, columns, dtype=torch.float64)
    top, left = rows // 2, columns // 2
    for k in range(1, max(top, left) + 2):
        down, right = top - k + 1, left - k + 1
        values[max(down, 0) : down + 2 * k - 1, max(right, 0) : right + 2 * k - 1] += 1 / k**2
    return _of_unit_norm(values)


@cache
def _bump(side: int) -> Tensor:
    """A positive pyramid above a negative one [side,side], of unit norm."""
    half = side // 2
    parts = [_pyramid(half, side)] if half else []
    values = torch.cat([*parts, -_pyramid(side - half, side)])
    return _of_unit_norm(values)


def _of_unit_norm(values: Tensor) -> Tensor:
    return values / values.square().sum().sqrt()


def _bumps(side: int, turns: Tensor, signs: Tensor) -> Tensor:
    """Bumps, upright or on their side by the draw [B], times signs [B,C]: float64 [B,C,side,side]."""
    bump = _bump(side).to(turns.device)
    upright = (turns < 0.5)[:, None, None]
    return torch.where(upright, bump, bump.T)[:, None] * signs.double()[:, :, None, None]


@dataclass(frozen=True)
class L2Proposals:
    """Tiles of bumps at first, then mass that moves from two windows into one."""

    image: ImageShape
    epsilon: float

    @property
    def _tile(self) -> tuple[int, int]:
        """Side of a tile, of which five fit beside each other, and the place of the first."""
        side = max(self.image[0] // 5, 1)
        return side, max((self.image[0] - 5 * side) // 2, 0)

    @property
    def _tiles(self) -> tuple[int, int]:
        side, _ = self._tile
        return self.image[0] // side, self.image[1] // side

    def start_draws(self) -> int:
        """See Proposals."""
        rows, columns = self._tiles
        return rows * columns * (1 + self.image[2])

    def query_draws(self) -> int:
        """See Proposals."""
        return 5 + self.image[2]

    def start(self, clean: Tensor, draws: Tensor) -> Tensor:
        """See Proposals."""
        (side, first), (rows, columns) = self._tile, self._tiles
        offset = torch.zeros_like(clean, dtype=torch.float64)
        for tile, drawn in enumerate(draws.view(len(draws), rows * columns, -1).unbind(1)):
            row, column = first + tile // columns * side, first + tile % columns * side
            place = offset[:, :, row : row + side, column : column + side]
            place.copy_(_bumps(side, drawn[:, 0], _signs(drawn[:, 1:]))[:, :, : place.shape[2], : place.shape[3]])
        return self._on_sphere(clean, offset)

    def query(self, clean: Tensor, best: Tensor, side: int, draws: Tensor) -> Tensor:
        """See Proposals."""
        target, emptied = (_windows(draws[:, at : at + 2], self.image, side) for at in (0, 2))
        offset = best.double() - clean.double()
        unspent = (self.epsilon**2 - offset.square().sum((1, 2, 3), keepdim=True)).clamp(min=0) / self.image[2]
        mask = target.mask(self.image)
        there = offset * mask
        bumps = target.spread(_bumps(side, draws[:, 4], _signs(draws[:, 5:])), self.image)
        direction = bumps + there / (_TINY + _channel_norm(there))
        held = (offset * (mask | emptied.mask(self.image))).square().sum((2, 3), keepdim=True)
        scale = (unspent + held).sqrt() / (_TINY + _channel_norm(direction))
        kept = offset.masked_fill(mask | emptied.mask(self.image), 0)
        return self._on_sphere(clean, kept + scale * direction)

    def _on_sphere(self, clean: Tensor, offset: Tensor) -> Tensor:
        """clip(clean + epsilon · offset/‖offset‖, 0, 1)."""
        scaled = offset * (self.epsilon / (example_norm(offset) + _TINY))
        return (clean.double() + scaled).clamp(0, 1).float()


def _channel_norm(offset: Tensor) -> Tensor:
    """[B,C,1,1]."""
    return offset.square().sum((2, 3), keepdim=True).sqrt()


def square_proposals(norm: Norm, image: ImageShape, epsilon: float) -> Proposals:
    """By norm."""
    return LinfProposals(image, epsilon) if norm == "linf" else L2Proposals(image, epsilon)
