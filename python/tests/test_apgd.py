"""Auto-PGD goes pyautoattack's way, which worker/pytorch/make_apgd_fixtures.py computed in float64."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from ncsweep_torch.attack.apgd import ApgdBudget, AutoPgd, Strongest
from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import Trace
from ncsweep_torch.attack.logit_losses import LOGIT_LOSSES, LogitLoss, TargetedRatio, margin_of

STEPS, CLASSES = 100, 6
EPSILON: dict[Norm, float] = {"linf": 0.08, "l2": 0.45}
FIXTURE = load_file(Path(__file__).parents[2] / "worker" / "pytorch" / "apgd.safetensors")


class SmoothNetwork:
    """tanh(4 (x − 1/2) W1) W2, as in the script; keeps the images of each pass."""

    def __init__(self) -> None:
        self.seen: list[Tensor] = []

    def trace(self, images: Tensor) -> Trace:
        self.seen.append(images.detach().clone())
        x = images.detach().requires_grad_()
        logits = torch.tanh(4 * (x.flatten(1) - 0.5) @ FIXTURE["first"]) @ FIXTURE["second"]
        return Trace(logits.detach(), lambda d_logits: torch.autograd.grad(logits, x, d_logits)[0])

    def logits(self, images: Tensor) -> Tensor:
        return self.trace(images).logits


def one_hot(name: str) -> Tensor:
    return F.one_hot(FIXTURE[name].long(), CLASSES).float()


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("name", ["ce", "dlr", "targeted"])
def test_it_walks_the_same_way(norm: Norm, name: str) -> None:
    loss: LogitLoss = TargetedRatio(one_hot("targets")) if name == "targeted" else LOGIT_LOSSES[name]
    network, labels = SmoothNetwork(), one_hot("labels")
    strongest = Strongest(FIXTURE["images"])
    attack = AutoPgd(network, FIXTURE["images"], labels, ApgdBudget(norm, EPSILON[norm], STEPS), strongest)
    attack.run(loss, FIXTURE[f"{norm}/start"])
    assert len(network.seen) == STEPS + 1
    expected = {key: FIXTURE[f"{norm}/{name}/{key}"] for key in ("iterates", "steep", "right", "loss")}
    steep, right = expected["steep"] > 0, expected["right"] > 0
    assert steep.sum() > len(steep) / 3
    for found, iterate in zip(network.seen, expected["iterates"], strict=False):
        assert (found - iterate)[steep].abs().max() < 1e-5
    logits = network.logits(strongest.images)
    assert torch.equal(margin_of(logits, labels) <= 0, right)
    # The ratios of misclassified examples have poles and plateaus, where rounding decides.
    compared = right | (name == "ce")
    shortfall = (expected["loss"] - loss.values(logits, labels))[compared]
    assert (shortfall < 0.01).all()


@pytest.mark.parametrize("loss", [LOGIT_LOSSES["ce"], LOGIT_LOSSES["dlr"], TargetedRatio(one_hot("targets"))])
def test_gradients_of_the_losses_are_those_of_autograd(loss: LogitLoss) -> None:
    labels = one_hot("labels")
    logits = SmoothNetwork().logits(FIXTURE["images"]).double().requires_grad_()
    (expected,) = torch.autograd.grad(loss.values(logits, labels.double()).sum(), logits)
    torch.testing.assert_close(loss.gradient(logits.detach(), labels.double()), expected, rtol=1e-10, atol=1e-12)
