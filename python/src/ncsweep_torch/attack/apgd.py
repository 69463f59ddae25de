"""Auto-PGD (Croce & Hein 2020, algorithm 1): projected gradient ascent with momentum and a step size that each example adapts."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm, ascent, project
from ncsweep_torch.attack.classifier import Classifier
from ncsweep_torch.attack.logit_losses import LogitLoss, margin_of
from ncsweep_torch.attack.step_halving import StepHalving


@dataclass(frozen=True)
class ApgdBudget:
    """How far and how long a run goes."""

    norm: Norm
    # Radius of the ball, in [0,1] pixel units.
    epsilon: float
    steps: int


class Strongest:
    """The strongest point of each example: one that is misclassified if there is any, and of these the one of highest loss."""

    def __init__(self, clean: Tensor) -> None:
        self.images = clean
        self._is_wrong = torch.zeros(len(clean), dtype=torch.bool, device=clean.device)
        self._strength = torch.full((len(clean),), -torch.inf, device=clean.device)

    def offer(self, images: Tensor, is_wrong: Tensor, strength: Tensor) -> None:
        """Points with what compares them among those of one kind, misclassified or not [B]."""
        taken = (is_wrong & ~self._is_wrong) | ((is_wrong == self._is_wrong) & (strength > self._strength))
        self._is_wrong = torch.where(taken, is_wrong, self._is_wrong)
        self._strength = torch.where(taken, strength, self._strength)
        self.images = _chosen(taken, images, self.images)


class Watcher(Protocol):
    """Gets every iterate of every run."""

    def offer(self, images: Tensor, is_wrong: Tensor, strength: Tensor) -> None:
        """Images [B,C,H,W], which are misclassified, and their losses [B]."""


class _Point(NamedTuple):
    """A point of the ascent [B,C,H,W]."""

    images: Tensor
    gradient: Tensor


class AutoPgd:
    """Runs against one classifier and the labels to leave, one-hot [B,K]."""

    def __init__(self, classifier: Classifier, clean: Tensor, labels: Tensor, budget: ApgdBudget, watcher: Watcher) -> None:
        self._classifier, self._clean, self._labels, self._budget, self._watcher = classifier, clean, labels, budget, watcher

    def run(self, loss: LogitLoss, start: Tensor) -> None:
        """One run; its start [B,C,H,W] lies on the unit sphere of the norm."""
        budget = self._budget
        point, losses = self._measured(self._within(self._clean + start * budget.epsilon), loss)
        halving = StepHalving(budget.steps, losses)
        sizes = torch.full((len(losses), 1, 1, 1), 2 * budget.epsilon, device=losses.device)
        best, previous = point, point.images
        for iteration in range(budget.steps):
            images = self._within(point.images + ascent(point.gradient, budget.norm) * sizes)
            if iteration > 0:
                momentum = (point.images - previous) * 0.25
                images = self._within(point.images + (images - point.images) * 0.75 + momentum)
            previous = point.images
            point, losses = self._measured(images, loss)
            improved, halved = halving.after(losses)
            best = _merged(improved, point, best)
            if halved is not None:
                point = _merged(halved, best, point)
                sizes = torch.where(halved.view(-1, 1, 1, 1), sizes / 2, sizes)

    def _within(self, images: Tensor) -> Tensor:
        return project(images, self._clean, self._budget.epsilon, self._budget.norm)

    def _measured(self, images: Tensor, loss: LogitLoss) -> tuple[_Point, Tensor]:
        logits, pull = self._classifier.trace(images)
        losses = loss.values(logits, self._labels)
        self._watcher.offer(images, margin_of(logits, self._labels) > 0, losses)
        return _Point(images, pull(loss.gradient(logits, self._labels))), losses


def _chosen(mask: Tensor, images: Tensor, others: Tensor) -> Tensor:
    """Each example of `images` where the mask [B] is set, else of `others`."""
    return torch.where(mask.view(-1, 1, 1, 1), images, others)


def _merged(mask: Tensor, points: _Point, others: _Point) -> _Point:
    return _Point(_chosen(mask, points.images, others.images), _chosen(mask, points.gradient, others.gradient))
