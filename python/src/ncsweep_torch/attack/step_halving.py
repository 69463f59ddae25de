"""When Auto-PGD halves the step of an example (Croce & Hein 2020, section 3).

It does so at checkpoints, if the example's loss rose in too few of the iterations since the last one, or if neither its step nor its best loss
has changed since then.
"""

from typing import NamedTuple

import torch
from torch import Tensor

# Share of iterations that must raise the loss.
_RISING_SHARE = 0.75
# The first period between checkpoints, by how much each is shorter, and the shortest, as shares of all steps.
_FIRST, _SHRINK, _SHORTEST = 0.22, 0.03, 0.06


class Judged(NamedTuple):
    """Masks [B]: which examples have a new best loss, and, at a checkpoint, which halve their step and go back to their best point."""

    improved: Tensor
    halved: Tensor | None


class StepHalving:
    """Takes note of the losses [B] after each iteration of a run of `steps`; `losses` are those at the start."""

    def __init__(self, steps: int, losses: Tensor) -> None:
        self._shrink, self._shortest = _iterations(_SHRINK, steps), _iterations(_SHORTEST, steps)
        self._period = _iterations(_FIRST, steps)
        self._since_checkpoint = 0
        self._best = self._previous = self._best_at_checkpoint = losses
        self._rises = torch.zeros_like(losses, dtype=torch.int32)
        self._halved_before = torch.ones_like(losses, dtype=torch.bool)

    def after(self, losses: Tensor) -> Judged:
        """The losses after one more iteration."""
        improved = losses > self._best
        self._rises = self._rises + (losses > self._previous)
        self._best = torch.where(improved, losses, self._best)
        self._previous = losses
        self._since_checkpoint += 1
        return Judged(improved, self._checkpoint() if self._since_checkpoint == self._period else None)

    def _checkpoint(self) -> Tensor:
        rarely_rises = self._rises <= _RISING_SHARE * self._period
        stalls = ~self._halved_before & (self._best == self._best_at_checkpoint)
        self._halved_before = rarely_rises | stalls
        self._best_at_checkpoint = self._best
        self._rises = torch.zeros_like(self._rises)
        self._since_checkpoint = 0
        self._period = max(self._period - self._shrink, self._shortest)
        return self._halved_before


def _iterations(share: float, steps: int) -> int:
    return max(int(share * steps), 1)
