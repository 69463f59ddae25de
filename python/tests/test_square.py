"""Square Attack needs as many queries as pyautoattack's, by distribution (worker/pytorch/make_square_fixtures.py)."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import Trace
from ncsweep_torch.attack.logit_losses import margin_of
from ncsweep_torch.attack.square import SquareOptions, square_attack

BATCH, SEEDS, QUERIES, CLASSES = 12, 20, 150, 6
EPSILON: dict[Norm, float] = {"linf": 0.07, "l2": 0.8}
FIXTURE = load_file(Path(__file__).parents[2] / "worker" / "pytorch" / "square.safetensors")


class SmoothNetwork:
    """tanh(4 (x − 1/2) W1) W2, as in the script; `see` gets the logits of each pass."""

    def __init__(self, see: Callable[[Tensor], None]) -> None:
        self.see = see

    def logits(self, images: Tensor) -> Tensor:
        logits = torch.tanh(4 * (images.flatten(1) - 0.5) @ FIXTURE["first"]) @ FIXTURE["second"]
        self.see(logits)
        return logits

    def trace(self, images: Tensor) -> Trace:  # noqa: ARG002
        raise AssertionError("a search needs no gradient")


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_it_needs_as_many_queries(norm: Norm) -> None:
    # Each seed is an example of its own.
    images = FIXTURE["images"].repeat_interleave(SEEDS, 0)
    labels = F.one_hot(FIXTURE["labels"].long().repeat_interleave(SEEDS), CLASSES).float()
    margins: list[Tensor] = []
    network = SmoothNetwork(lambda logits: margins.append(margin_of(logits, labels)))
    options = SquareOptions(norm, EPSILON[norm], QUERIES, 3, "attack/test/square", (8, 8, 3))
    found = square_attack(network, images, labels, torch.arange(len(images)), options)
    assert found.min() >= 0
    assert found.max() <= 1
    # The clean images and the start come before query 0.
    passes = torch.stack(margins)
    steps = torch.arange(-2, len(passes) - 2)[:, None].expand_as(passes) + 1
    queries = torch.where(passes >= 0, steps, QUERIES).amin(0).clamp(max=QUERIES).view(BATCH, SEEDS)
    ours, theirs = queries.double(), FIXTURE[f"{norm}/queries"].double()
    a, b = ours.log1p(), theirs.log1p()
    spread = (a.var(1) + b.var(1)) / SEEDS
    varies = spread > 0
    assert torch.equal(ours[~varies], theirs[~varies])
    scores = ((a - b).mean(1) / spread.sqrt())[varies]
    # Differences of means in standard errors: about normal if the distributions are equal.
    assert len(scores) > 8
    assert abs(scores.sum()) / len(scores) ** 0.5 < 3
    assert scores.abs().max() < 4
    assert scores.square().mean() < 2.5
