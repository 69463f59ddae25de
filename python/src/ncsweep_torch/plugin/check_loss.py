"""What `ncsweep plugin test` asks of a loss."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ncsweep_torch.attack.draws import normal_draws
from ncsweep_torch.network.training import training_logits
from ncsweep_torch.plugin.loader import Function
from ncsweep_torch.plugin.loss import LossBatch, loss_of
from ncsweep_torch.plugin.sample import COUNT, IMAGE, LABELS, NODES, SAME_IN_TYPESCRIPT, SEED, Check, images, values_of, weights

# Difference that rounding explains, of the number or of 1.
_SAME = 1e-5


def loss_checks(full: str, function: Function, part: Mapping[str, Any], other: Sequence[float] | None = None) -> list[Check]:
    """Gradient, repeats and cost; and whether it makes this number of the sample, as in another language."""
    values = values_of(part)
    clean_images = images()
    adversarial = (clean_images + 0.02 * normal_draws(SEED, "moved", torch.arange(COUNT), IMAGE)).clamp(0, 1)
    passes = 0

    def loss(at: Mapping[str, Tensor], perturbed: Tensor | None) -> Tensor:
        def logits(seen: Tensor) -> Tensor:
            nonlocal passes
            passes += 1
            return training_logits(NODES, seen, at, "train")

        batch = LossBatch(clean_images, LABELS, perturbed, logits)
        return loss_of(full, lambda given: function(given, **values), batch).value

    def leaves() -> dict[str, Tensor]:
        return {name: tensor.requires_grad_() for name, tensor in weights().items()}

    def gradient() -> str | None:
        at = leaves()
        value = loss(at, adversarial)
        exact = torch.autograd.grad(value, list(at.values()))
        slope = float(sum((each**2).sum() for each in exact))
        step = 1e-3 / max(slope, 1e-12) ** 0.5
        ahead, behind = (
            loss(
                {name: (w + sign * step * g).detach().requires_grad_() for (name, w), g in zip(at.items(), exact, strict=True)},
                adversarial,
            )
            for sign in (1, -1)
        )
        found = float(ahead.detach() - behind.detach()) / (2 * step)
        near = abs(found - slope) <= 0.05 * abs(slope) + 1e-3
        return None if near else f"along its gradient the loss rises by {found:.4g}; by the gradient it would by {slope:.4g}"

    def clean() -> str | None:
        loss(leaves(), None)
        return None

    def repeats() -> str | None:
        first, second = loss(leaves(), adversarial), loss(leaves(), adversarial)
        return None if torch.equal(first, second) else "the second time it returned another loss"

    def cost() -> str | None:
        nonlocal passes
        passes = 0
        loss(leaves(), adversarial)
        return None if passes <= part["passes"] else f"it took {passes} passes; passes says {part['passes']}"

    def agrees() -> str | None:
        found, expected = float(loss(leaves(), adversarial).detach()), (other or (0.0,))[0]
        near = abs(found - expected) <= _SAME * max(1.0, abs(expected))
        return None if near else f"it returned {found:.7g}; in TypeScript, {expected:.7g}"

    checks = [
        ("its gradient is that of finite differences", gradient),
        ("it repeats itself", repeats),
        ("it takes no more passes than declared", cost),
    ]
    if other is not None:
        checks.append((SAME_IN_TYPESCRIPT, agrees))
    return checks if part["adversarial"] == "always" else [("it works without adversarial examples", clean), *checks]
