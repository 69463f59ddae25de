"""What `ncsweep plugin test` asks of an attack."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import NetworkClassifier
from ncsweep_torch.attack.draws import normal_draws, uniform_draws
from ncsweep_torch.attack.objective import LogitObjective
from ncsweep_torch.network.frozen import FrozenNetwork
from ncsweep_torch.plugin.attack import AttackBatch, perturbed_by
from ncsweep_torch.plugin.loader import Function
from ncsweep_torch.plugin.sample import (
    CLASSES,
    COUNT,
    IMAGE,
    LABELS,
    NODES,
    SAME_IN_TYPESCRIPT,
    SEED,
    Check,
    images,
    product_of,
    values_of,
    weights,
)

# Share of pixels that may differ between batches: rounding turns the sign of gradients that are nearly 0.
_TURNED = 0.01
# Difference of a pixel that rounding explains.
_SAME = 1e-5


class _Counted:
    """An attack's batch of these images, and how many gradients were asked for."""

    def __init__(self, indices: Tensor, epsilon: float, norm: Norm) -> None:
        network = FrozenNetwork(NODES, weights())
        objective = LogitObjective(NetworkClassifier(network))
        goals = F.one_hot(LABELS[indices], CLASSES).to(torch.float32)
        self.gradients = 0

        def gradient(at: Tensor) -> Tensor:
            self.gradients += 1
            return objective.gradient(at, goals)

        self.batch = AttackBatch(
            images()[indices],
            LABELS[indices],
            epsilon,
            norm,
            network,
            gradient,
            lambda what: uniform_draws(SEED, what, indices, IMAGE),
            lambda what: normal_draws(SEED, what, indices, IMAGE),
        )


def attack_checks(full: str, function: Function, part: Mapping[str, Any], other: Sequence[float] | None = None) -> list[Check]:
    """Budget, batches, repeats and cost; and whether it makes these pixels [B,H,W,C] of the sample, as in another language."""
    values, norm = values_of(part), part["norm"]
    budget = 8 / 255 if norm == "linf" else 0.5
    everything = torch.arange(COUNT)

    def perturb(indices: Tensor, epsilon: float = budget) -> Tensor:
        batch = _Counted(indices, epsilon, norm).batch
        return perturbed_by(full, lambda: function(batch, **values), batch)

    def budgets() -> str | None:
        for epsilon in (0.0, budget, 4 * budget):
            perturb(everything, epsilon)
        return None

    def batches() -> str | None:
        whole, mixed = perturb(everything), torch.tensor([5, 3, 11])
        turned = float(((perturb(mixed) - whole[mixed]).abs() > 1e-4).to(torch.float32).mean())
        return None if turned <= _TURNED else f"{turned:.0%} of the pixels are others when an image is in another batch"

    def repeats() -> str | None:
        return None if torch.equal(perturb(everything), perturb(everything)) else "the second time it returned other images"

    def cost() -> str | None:
        counted = _Counted(everything, budget, norm)
        perturbed_by(full, lambda: function(counted.batch, **values), counted.batch)
        declared = product_of(part["gradients"], values)
        return None if counted.gradients <= declared else f"it took {counted.gradients} gradients; gradients says {declared}"

    def agrees() -> str | None:
        found = perturb(everything).permute(0, 2, 3, 1).flatten()
        differs = (found - torch.tensor(other)).abs() > _SAME
        turned = float(differs.to(torch.float32).mean())
        return None if turned <= _TURNED else f"{turned:.0%} of the pixels differ by more than {_SAME:g}"

    checks = [
        ("images stay within the budget", budgets),
        ("an image does not depend on its batch", batches),
        ("it repeats itself", repeats),
        ("it takes no more gradients than declared", cost),
    ]
    return checks if other is None else [*checks, (SAME_IN_TYPESCRIPT, agrees)]
