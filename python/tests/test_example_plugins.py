"""The plug-ins in sweeps/plug-ins beside formulas of their papers, written in another way."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.attack.ball import ascent
from ncsweep_torch.plugin import AttackBatch, LossBatch
from ncsweep_torch.plugin.archive import Archive
from ncsweep_torch.plugin.attack import perturbed_by
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.plugin.loss import loss_of

FOLDER = Path(__file__).parents[2] / "sweeps" / "plug-ins" / "robust"
IDENTITY = "f" * 64


@pytest.fixture(scope="module")
def robust() -> Plugins:
    files = {name: (FOLDER / name).read_text(encoding="utf-8") for name in ("attacks.py", "losses.py")}
    parts = {("attack", "mi-fgsm"): ("attacks.py", "mi_fgsm"), ("loss", "mart"): ("losses.py", "mart")}
    return Plugins([Archive(IDENTITY, IDENTITY, "robust", (), parts, files)])


def made(*shape: int, seed: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_momentum_iterative_fgsm(robust: Plugins) -> None:
    images, weight, labels = made(6, 2, 3, 3, seed=1), made(18, 4, seed=2) - 0.5, torch.tensor([0, 1, 2, 3, 0, 1])
    epsilon, steps, decay = 0.1, 5, 0.8

    def logits(x: Tensor) -> Tensor:
        return (x.flatten(1) @ weight).tanh() * 3

    def gradient(x: Tensor) -> Tensor:
        x = x.detach().requires_grad_()
        return torch.autograd.grad(F.cross_entropy(logits(x), labels, reduction="sum"), x)[0]

    def unused(_: str) -> Tensor:
        raise AssertionError

    batch = AttackBatch(images, labels, epsilon, "linf", logits, gradient, unused, unused)
    function = robust.function("attack", "robust/mi-fgsm", IDENTITY)
    found = perturbed_by("robust/mi-fgsm", lambda: function(batch, steps=steps, decay=decay), batch)
    # Algorithm 1 of the paper, an image at a time: g ← μ g + ∇/‖∇‖₁, x ← x + α sign(g), clipped.
    for i, clean in enumerate(images):
        x, g = clean.clone(), torch.zeros_like(clean)
        for _ in range(steps):
            step = gradient(torch.cat((images[:i], x[None], images[i + 1 :])))[i]
            g = decay * g + step / step.abs().sum()
            x = torch.minimum(torch.maximum(x + epsilon / steps * ascent(g[None], "linf")[0], clean - epsilon), clean + epsilon)
            x = x.clamp(0, 1)
        assert torch.allclose(found[i], x, atol=1e-6)


def test_mart(robust: Plugins) -> None:
    images, moved = made(8, 1, 2, 2, seed=3), made(8, 1, 2, 2, seed=4)
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    weight = (made(4, 3, seed=5) * 6 - 3).requires_grad_()
    function = robust.function("loss", "robust/mart", IDENTITY)
    batch = LossBatch(images, labels, moved, lambda x: x.flatten(1) @ weight)
    found = loss_of("robust/mart", lambda given: function(given, beta=5.0), batch)
    # The authors' code: indices of the two largest, and nll_loss.
    clean, adversarial = images.flatten(1) @ weight, moved.flatten(1) @ weight
    q = F.softmax(adversarial, dim=1)
    order = torch.argsort(q, dim=1)
    other = torch.where(order[:, -1] == labels, order[:, -2], order[:, -1])
    boosted = F.cross_entropy(adversarial, labels) + F.nll_loss(torch.log(1.0001 - q + 1e-12), other)
    p = F.softmax(clean, dim=1)
    true = p.gather(1, labels[:, None]).squeeze()
    divergence = F.kl_div(torch.log(q + 1e-12), p, reduction="none").sum(1)
    expected = boosted + 5.0 * (divergence * (1.0000001 - true)).mean()
    assert torch.allclose(found.value, expected, atol=1e-5)
    ours, theirs = (torch.autograd.grad(loss, weight, retain_graph=True)[0] for loss in (found.value, expected))
    assert torch.allclose(ours, theirs, atol=1e-5)
