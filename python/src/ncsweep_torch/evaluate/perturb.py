"""Perturbed images of a split for one attack family."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm, perturbation_size, where_within
from ncsweep_torch.attack.classifier import Classifier
from ncsweep_torch.attack.objective import LogitObjective
from ncsweep_torch.attack.pgd import add_scaled, zero_gradients
from ncsweep_torch.evaluate.attack import Attack, Attacked
from ncsweep_torch.evaluate.batch_cache import BatchCache
from ncsweep_torch.evaluate.batches import Batch, Source, clean_batches
from ncsweep_torch.evaluate.cascade import cascade
from ncsweep_torch.task import EvaluateCell


@dataclass(frozen=True)
class PerturbationFacts:
    """Numbers about the perturbation itself: its largest size in the attack's norm, and the range of the pixels."""

    perturbation_max: float = 0
    pixel_min: float = math.inf
    pixel_max: float = -math.inf

    def widened(self, other: "PerturbationFacts") -> "PerturbationFacts":
        """The facts of both."""
        return PerturbationFacts(
            max(self.perturbation_max, other.perturbation_max),
            min(self.pixel_min, other.pixel_min),
            max(self.pixel_max, other.pixel_max),
        )

    def scalars(self) -> dict[str, float]:
        """By their names in results."""
        return {"perturbation_max": self.perturbation_max, "pixel_min": self.pixel_min, "pixel_max": self.pixel_max}


class PerturbedBatches:
    """The batches of a split under one attack at one epsilon; made once, kept when they are iterated again."""

    def __init__(self, perturber: "Perturber", cell: EvaluateCell, kept: BatchCache | None) -> None:
        self._perturber, self._cell, self._kept = perturber, cell, kept
        self._seen: list[Tensor] = []
        source = perturber.source
        self._fallen = torch.zeros(source.split.count, dtype=torch.bool, device=source.split.device)

    def __call__(self) -> Iterator[Batch]:
        for batch in clean_batches(self._perturber.source):
            key = int(batch.indices[0])
            images = None if self._kept is None else self._kept.get(key, batch.images.device)
            if images is None:
                images = self._perturber.perturb(self._cell, batch, key, self._fallen)
                self._seen.append(_observed(images, batch.images, self._perturber.attack.norm))
                if self._kept is not None:
                    self._kept.set(key, images)
            yield batch._replace(images=images)

    def standing(self) -> Tensor | None:
        """Which examples stand against all stages [N], once the batches are made; None where images say that."""
        perturber = self._perturber
        if perturber.attack.cascade is None:
            return None
        stages = perturber.attack.cascade.later(self._cell.epsilon, perturber.source.classes)
        return ~cascade(stages, perturber.source, perturber.attacked, self._fallen)

    def facts(self) -> PerturbationFacts:
        """Of all batches so far."""
        if not self._seen:
            return PerturbationFacts()
        seen = torch.stack(self._seen)
        return PerturbationFacts(float(seen[:, 0].max()), float(seen[:, 1].min()), float(seen[:, 2].max()))


class Perturber:
    """One attack against one classifier, at any budget. What serves every budget is made once."""

    def __init__(self, attack: Attack, classifier: Classifier, source: Source) -> None:
        self.attack, self.source = attack, source
        self._objective = LogitObjective(classifier, attack.loss)
        self._shared = BatchCache()

    def batches(self, cell: EvaluateCell, kept: BatchCache | None) -> PerturbedBatches:
        """`kept` holds the images when the batches are iterated twice."""
        return PerturbedBatches(self, cell, kept)

    def perturb(self, cell: EvaluateCell, batch: Batch, key: int, fallen: Tensor) -> Tensor:
        """Perturbed images [B,C,H,W]; `key` names the batch, `fallen` is noted for attacks of several stages [N]."""
        if self.attack.cascade is not None:
            images, fallen[batch.indices] = self.attack.cascade.first(cell.epsilon, self.attacked(batch))
            return images
        if self.attack.perturb is not None:
            return self.attack.perturb(cell.epsilon, cell.step_size, self.attacked(batch))
        make = self.attack.offsets or self.attack.nearest
        if make is None:
            raise TypeError("an attack perturbs at a budget, by offsets or by the nearest image")
        made = self._shared.get(key, batch.images.device)
        if made is None:
            made = make(self.attacked(batch))
            self._shared.set(key, made)
        if self.attack.offsets is None:
            return where_within(batch.images, made, cell.epsilon, self.attack.norm)
        return add_scaled(batch.images, made, cell.epsilon)

    def zero_gradient_share(self) -> float:
        """Share of the split's examples whose loss has an exactly zero gradient at the clean image."""
        zeros = [zero_gradients(self._objective, batch.images, self._goals(batch)) for batch in clean_batches(self.source)]
        return float(torch.stack(zeros).sum()) / self.source.split.count

    def close(self) -> None:
        """Frees what was kept."""
        self._shared.close()

    def _goals(self, batch: Batch) -> Tensor:
        classes = self.source.classes
        return self.source.split.one_hot(self.attack.targets(batch.labels, classes), classes)

    def attacked(self, batch: Batch) -> Attacked:
        """What an attack is given."""
        source = self.source
        return Attacked(
            batch.images,
            self._goals(batch),
            batch.indices,
            self._objective,
            source.seed,
            lambda what: f"attack/{source.name}/{what}",
            source.image,
        )


def _observed(images: Tensor, clean: Tensor, norm: Norm) -> Tensor:
    delta = images - clean
    return torch.stack((perturbation_size(delta, norm).max(), images.min(), images.max()))
