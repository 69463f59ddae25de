"""FAB comes as near as pyautoattack's, which worker/pytorch/make_fab_fixtures.py ran."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import Trace
from ncsweep_torch.attack.fab import Fab
from ncsweep_torch.attack.fab_projection import to_hyperplane
from ncsweep_torch.attack.logit_losses import margin_of

CLASSES = 6
FOLDER = Path(__file__).parents[2] / "worker" / "pytorch"
NETWORK, FIXTURE = load_file(FOLDER / "apgd.safetensors"), load_file(FOLDER / "fab.safetensors")


class SmoothNetwork:
    """tanh(4 (x − 1/2) W1) W2, as in the script."""

    def trace(self, images: Tensor) -> Trace:
        x = images.detach().requires_grad_()
        logits = torch.tanh(4 * (x.flatten(1) - 0.5) @ NETWORK["first"]) @ NETWORK["second"]
        return Trace(logits.detach(), lambda d_logits: torch.autograd.grad(logits, x, d_logits)[0])

    def logits(self, images: Tensor) -> Tensor:
        return self.trace(images).logits


LABELS = F.one_hot(NETWORK["labels"].long(), CLASSES).float()


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize(("length", "steps", "tolerance"), [("early", 5, 1e-4), ("all", 100, 0.01)])
def test_it_comes_as_near(norm: Norm, length: str, steps: int, tolerance: float) -> None:
    for rank, theirs in enumerate(FIXTURE[f"{norm}/{length}"]):
        attack = Fab(SmoothNetwork(), NETWORK["images"], LABELS, norm, steps)
        attack.run(rank)
        ours = torch.where(attack.nearest.radii < torch.inf, attack.nearest.radii, -1).float()
        assert torch.equal(ours < 0, theirs < 0)
        torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=1e-5)
        fallen = margin_of(SmoothNetwork().logits(attack.nearest.images), LABELS) > 0
        assert torch.equal(fallen, theirs >= 0)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_way_to_a_plane_is_in_the_box_and_shortest(norm: Norm) -> None:
    generator = torch.Generator().manual_seed(4)
    x, w = torch.rand(40, 7, generator=generator).double(), torch.randn(40, 7, generator=generator).double()
    distance = torch.randn(40, generator=generator).double()
    way = to_hyperplane(x, w, distance, norm)
    assert ((x + way >= -1e-12) & (x + way <= 1 + 1e-12)).all()
    room = torch.where(w * distance[:, None] > 0, x, 1 - x)
    reachable = (w.abs() * room).sum(1) > distance.abs()
    assert 10 < reachable.sum() < 40
    torch.testing.assert_close((w * way).sum(1)[reachable], -distance[reachable])
    # At the corner, everything has moved as far as it can.
    torch.testing.assert_close(way.abs()[~reachable], room[~reachable])
    # A shorter way would gain less: those that are not at the border have moved equally far, or in proportion to w.
    free = (way.abs() < room - 1e-9) & reachable[:, None]
    pace = torch.where(free, way.abs() if norm == "linf" else way.abs() / w.abs(), torch.nan)
    torch.testing.assert_close(pace[free], pace.nanmean(1, keepdim=True).expand_as(pace)[free])
    assert (
        room[~free & reachable[:, None]]
        <= (pace.nanmean(1, keepdim=True) * (1 if norm == "linf" else w.abs()) + 1e-9).expand_as(room)[~free & reachable[:, None]]
    ).all()
