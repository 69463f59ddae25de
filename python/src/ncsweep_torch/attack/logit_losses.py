"""Losses of logits [B,K] that attacks climb, with gradients by our own rules."""

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor


class LogitLoss(Protocol):
    """A loss per example as a function of its logits [B,K] and its one-hot label [B,K]."""

    def values(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """[B]."""

    def gradient(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """d(Σ loss)/d(logits) [B,K]."""


def cross_entropy(logits: Tensor, one_hot: Tensor) -> Tensor:
    """Cross-entropy per example [B]."""
    return -(F.log_softmax(logits, 1) * one_hot).sum(1)


def cross_entropy_gradient(logits: Tensor, one_hot: Tensor) -> Tensor:
    """d(cross-entropy)/d(logits) [B,K] = softmax − one-hot, with the true class's entry computed as minus the sum of the others.

    For a confident network softmax rounds to 1 and the difference to 0, which would silently weaken every attack.
    """
    others = F.softmax(logits, 1) * (1 - one_hot)
    return others - one_hot * others.sum(1, keepdim=True)


class CrossEntropy:
    """See LogitLoss."""

    def values(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """See LogitLoss."""
        return cross_entropy(logits, one_hot)

    def gradient(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """See LogitLoss."""
        return cross_entropy_gradient(logits, one_hot)


# Guards the division by a difference of logits that may be zero; Croce & Hein's constant.
_TINY = 1e-12


@dataclass(frozen=True)
class _Ratio:
    """−over·z / (under·z + tiny) of logits z, with coefficients [B,K]."""

    logits: Tensor
    over: Tensor
    under: Tensor

    @property
    def _terms(self) -> tuple[Tensor, Tensor]:
        """[B,1] each."""
        return _picked(self.logits, self.over), _picked(self.logits, self.under) + _TINY

    def values(self) -> Tensor:
        numerator, denominator = self._terms
        return -(numerator / denominator).squeeze(1)

    def gradient(self) -> Tensor:
        numerator, denominator = self._terms
        return numerator / denominator.square() * self.under - self.over / denominator


class DifferenceOfLogitsRatio:
    """−(z_y − max_{i≠y} z_i) / (z_(1) − z_(3)), where z_(i) is the i-th largest logit; at least 3 classes (Croce & Hein 2020, eq. 6)."""

    def values(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """See LogitLoss."""
        return self._ratio(logits, one_hot).values()

    def gradient(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """See LogitLoss."""
        return self._ratio(logits, one_hot).gradient()

    @staticmethod
    def _ratio(logits: Tensor, one_hot: Tensor) -> _Ratio:
        (rival,) = _ranked(_others(logits, one_hot), 0)
        first, third = _ranked(logits, 0, 2)
        return _Ratio(logits, one_hot - rival, first - third)


@dataclass(frozen=True)
class TargetedRatio:
    """−(z_y − z_t) / (z_(1) − (z_(3) + z_(4))/2); at least 4 classes (Croce & Hein 2020, eq. 7)."""

    # t, one-hot [B,K]
    target: Tensor

    def values(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """See LogitLoss."""
        return self._ratio(logits, one_hot).values()

    def gradient(self, logits: Tensor, one_hot: Tensor) -> Tensor:
        """See LogitLoss."""
        return self._ratio(logits, one_hot).gradient()

    def _ratio(self, logits: Tensor, one_hot: Tensor) -> _Ratio:
        first, third, fourth = _ranked(logits, 0, 2, 3)
        return _Ratio(logits, one_hot - self.target, first - 0.5 * (third + fourth))


LOGIT_LOSSES: dict[str, LogitLoss] = {"ce": CrossEntropy(), "dlr": DifferenceOfLogitsRatio()}


def rival_of(logits: Tensor, one_hot: Tensor, rank: int) -> Tensor:
    """The wrong class of each example that is `rank`-th by its logits, one-hot [B,K]; rank 0 is the likeliest."""
    return _ranked(_others(logits, one_hot), rank)[0]


def margin_of(logits: Tensor, one_hot: Tensor) -> Tensor:
    """How far the likeliest wrong class is above the right one [B]; above 0 for a misclassified example."""
    return _others(logits, one_hot).amax(1) - _picked(logits, one_hot).squeeze(1)


def _picked(logits: Tensor, selection: Tensor) -> Tensor:
    """[B,1]."""
    return (logits * selection).sum(1, keepdim=True)


def _others(logits: Tensor, one_hot: Tensor) -> Tensor:
    """Other classes' logits, with the true one's pushed below them all."""
    return logits - one_hot * 1e30


def _ranked(logits: Tensor, *ranks: int) -> list[Tensor]:
    """Where the logits of these ranks are, as one-hot selections of each row [B,K]; rank 0 is the largest, ties go to the lower class."""
    order = torch.sort(logits, dim=1, descending=True, stable=True).indices
    return [F.one_hot(order[:, rank], logits.shape[1]).to(logits.dtype) for rank in ranks]
