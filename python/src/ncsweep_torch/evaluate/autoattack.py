"""AutoAttack (Croce & Hein 2020): each attack tries the images that those before it left right."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.attack.apgd import ApgdBudget, AutoPgd, Strongest
from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.draws import surface_draws
from ncsweep_torch.attack.fab import Fab
from ncsweep_torch.attack.logit_losses import LOGIT_LOSSES, LogitLoss, TargetedRatio, margin_of, rival_of
from ncsweep_torch.attack.square import SquareOptions, square_attack
from ncsweep_torch.evaluate.attack import Attack, Attacked, Cascade, Stage
from ncsweep_torch.refusal import one_of
from ncsweep_torch.task import Json


@dataclass(frozen=True)
class _AutoAttack:
    """What a task states."""

    norm: Norm
    version: str
    steps: int
    targets: int
    queries: int

    def first(self, epsilon: float, batch: Attacked) -> tuple[Tensor, Tensor]:
        """Auto-PGD on the cross-entropy: the images of highest loss, and which examples have fallen."""
        wrong = margin_of(batch.objective.classifier.logits(batch.images), batch.goals) > 0
        seen = self._climb(epsilon, batch, "apgd/0", LOGIT_LOSSES["ce"])
        return seen.best.images, wrong | seen.fallen

    def later(self, epsilon: float, classes: int) -> Sequence[Stage]:
        """Which examples of a batch fall to each of the other attacks."""
        if self.version == "rand":
            return [lambda batch: self._climb(epsilon, batch, "apgd/1", LOGIT_LOSSES["dlr"]).fallen]
        ranks = range(min(self.targets, classes - 1))
        light = [self._targeted(epsilon, rank) for rank in ranks]
        if self.version == "light":
            return light
        return [*light, *(self._boundary(epsilon, rank) for rank in ranks), lambda batch: self._search(epsilon, batch)]

    def _climb(self, epsilon: float, batch: Attacked, name: str, loss: LogitLoss) -> "_Seen":
        seen, budget = _Seen(batch.images), ApgdBudget(self.norm, epsilon, self.steps)
        attack = AutoPgd(batch.objective.classifier, batch.images, batch.goals, budget, seen)
        attack.run(loss, surface_draws(batch.seed, batch.purpose(name), batch.indices, batch.image, self.norm))
        return seen

    def _targeted(self, epsilon: float, rank: int) -> Stage:
        def fallen(batch: Attacked) -> Tensor:
            loss = TargetedRatio(rival_of(batch.objective.classifier.logits(batch.images), batch.goals, rank))
            return self._climb(epsilon, batch, f"apgd-t/{rank}", loss).fallen

        return fallen

    def _boundary(self, epsilon: float, rank: int) -> Stage:
        def fallen(batch: Attacked) -> Tensor:
            attack = Fab(batch.objective.classifier, batch.images, batch.goals, self.norm, self.steps)
            attack.run(rank)
            return attack.nearest.radii <= epsilon

        return fallen

    def _search(self, epsilon: float, batch: Attacked) -> Tensor:
        options = SquareOptions(self.norm, epsilon, self.queries, batch.seed, batch.purpose("square"), batch.image)
        classifier = batch.objective.classifier
        found = square_attack(classifier, batch.images, batch.goals, batch.indices, options)
        return margin_of(classifier.logits(found), batch.goals) > 0


class _Seen:
    """Of each example, the iterate of highest loss, and whether any was misclassified."""

    def __init__(self, clean: Tensor) -> None:
        self.best = Strongest(clean)
        self.fallen = torch.zeros(len(clean), dtype=torch.bool, device=clean.device)

    def offer(self, images: Tensor, is_wrong: Tensor, strength: Tensor) -> None:
        """See Strongest."""
        self.fallen = self.fallen | is_wrong
        self.best.offer(images, torch.zeros_like(is_wrong), strength)


def read_autoattack(params: Json, norm: Norm) -> Attack:
    """From its JSON. Raises RefusedError."""
    version = one_of("version", params["version"], ("standard", "light", "rand"))
    attack = _AutoAttack(norm, version, params["steps"], params["targets"], params["queries"])
    return Attack(norm, False, "network", cascade=Cascade(attack.first, attack.later))
