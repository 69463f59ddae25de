"""FAB against one target class of each example (Croce & Hein 2020, algorithm 1, without random starts): the nearest misclassified image."""

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import Classifier
from ncsweep_torch.attack.fab_projection import length_of, to_hyperplane
from ncsweep_torch.attack.logit_losses import margin_of, rival_of

# Overshoot of the boundary, largest share of the way back to the clean image, and how much of a misclassified point's offset is kept.
_OVERSHOOT, _MOST_BIAS, _BACKWARD = 1.05, 0.1, 0.9
# Guards the division by a length that may be zero; the constant of AutoAttack.
_TINY = 1e-8


class Nearest:
    """Of each example, the nearest misclassified image so far and how far it is: the clean image and infinity, or 0 where it is one."""

    def __init__(self, clean: Tensor, is_wrong: Tensor) -> None:
        self.images = clean
        self.radii = torch.where(is_wrong, 0, torch.full((len(clean),), torch.inf, dtype=torch.float64, device=clean.device))

    def offer(self, images: Tensor, is_wrong: Tensor, radii: Tensor) -> None:
        """Images [B,C,H,W] that are this far [B] from the clean ones."""
        taken = is_wrong & (radii < self.radii)
        self.radii = torch.where(taken, radii, self.radii)
        self.images = torch.where(taken.view(-1, 1, 1, 1), images, self.images)


class Fab:
    """Runs against one classifier and the labels to leave, one-hot [B,K]; `nearest` gets every iterate of every run."""

    def __init__(self, classifier: Classifier, clean: Tensor, labels: Tensor, norm: Norm, steps: int) -> None:
        self._classifier, self._clean, self._labels, self._norm, self._steps = classifier, clean, labels, norm, steps
        self._logits = classifier.logits(clean)
        self.nearest = Nearest(clean, margin_of(self._logits, labels) > 0)

    def run(self, rank: int) -> None:
        """One run against the wrong class of each example that is `rank`-th by its logits, rank 0 the likeliest."""
        difference = rival_of(self._logits, self._labels, rank) - self._labels
        origin = self._clean.flatten(1).double()
        points = self._clean
        for _ in range(self._steps):
            logits, pull = self._classifier.trace(points)
            distances = (logits * difference).sum(1).double()
            points = self._next(points.flatten(1).double(), origin, pull(difference).flatten(1).double(), distances)
            is_wrong = margin_of(self._classifier.logits(points), self._labels) > 0
            offset = points.flatten(1).double() - origin
            self.nearest.offer(points, is_wrong, length_of(offset, self._norm))
            back = (origin + offset * _BACKWARD).float().view_as(points)
            points = torch.where(is_wrong.view(-1, 1, 1, 1), back, points)

    def _next(self, points: Tensor, origin: Tensor, normals: Tensor, distances: Tensor) -> Tensor:
        """Steps across the linearised boundary, from the point and from the clean image, and mixes the two."""
        from_clean = distances + (normals * (origin - points)).sum(1)
        step = to_hyperplane(points, normals, distances, self._norm)
        clean_step = to_hyperplane(origin, normals, from_clean, self._norm)
        length, clean_length = (length_of(each, self._norm).clamp(min=_TINY) for each in (step, clean_step))
        bias = (length / (length + clean_length)).clamp(max=_MOST_BIAS)[:, None]
        mixed = (points + _OVERSHOOT * step) * (1 - bias) + (origin + _OVERSHOOT * clean_step) * bias
        return mixed.clamp(0, 1).float().view_as(self._clean)
