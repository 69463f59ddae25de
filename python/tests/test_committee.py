"""The plug-in of studies/conv-emergence beside formulas of its paper, in NumPy."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ncsweep_torch.plugin import LossBatch, MetricData
from ncsweep_torch.plugin.archive import Archive
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.plugin.loss import loss_of
from ncsweep_torch.plugin.metric import MetricBatch

FOLDER = Path(__file__).parents[2] / "studies" / "conv-emergence" / "committee"
IDENTITY = "e" * 64
PARTS = {
    ("architecture", "committee"): ("network.py", "committee"),
    ("loss", "signs"): ("network.py", "signs"),
    ("metric", "ratio"): ("fields.py", "inverse_participation_ratio"),
    ("metric", "share"): ("fields.py", "localised_share"),
    ("metric", "kurtosis"): ("fields.py", "kurtosis"),
}


@pytest.fixture(scope="module")
def committee() -> Plugins:
    files = {name: (FOLDER / name).read_text(encoding="utf-8") for name in ("network.py", "fields.py")}
    return Plugins([Archive(IDENTITY, IDENTITY, "committee", (), PARTS, files)])


def metric(committee: Plugins, name: str, state: dict[str, Tensor], features: Tensor | None = None) -> float:
    seen = torch.zeros(2, 1, dtype=torch.float64) if features is None else features
    labels = torch.zeros(len(seen), dtype=torch.int64)
    data = MetricData("", "", 2, len(seen), lambda: iter([MetricBatch(seen, labels, labels)]), None, None, None, 1, state)
    return float(committee.function("metric", f"committee/{name}", IDENTITY)(data))


def test_ratios_of_known_fields(committee: Plugins) -> None:
    sites = 40
    wave = torch.cos(2 * math.pi * 3 * torch.arange(sites) / sites)
    rows = {"one": torch.eye(sites)[:1], "equal": torch.full((1, sites), 0.3), "wave": wave[None]}
    expected = {"one": 1, "equal": 1 / sites, "wave": 1.5 / sites}
    for name, row in rows.items():
        state = {"start": torch.ones(3), "fields.weight": row, "readout.weight": torch.ones(2, 1)}
        assert metric(committee, "ratio", state) == pytest.approx(expected[name], rel=1e-6), name
        assert metric(committee, "share", state) == (1 if name == "one" else 0), name


def test_ratios_are_averaged_over_fields(committee: Plugins) -> None:
    weight = np.random.default_rng(1).standard_normal((7, 30)).astype(np.float32)
    ratios = (weight.astype(np.float64) ** 4).sum(1) / (weight.astype(np.float64) ** 2).sum(1) ** 2
    state = {"fields.weight": torch.from_numpy(weight)}
    assert metric(committee, "ratio", state) == pytest.approx(ratios.mean(), rel=1e-12)
    assert metric(committee, "share", state) == pytest.approx((ratios > 3.5 / 30).mean())


def test_kurtosis(committee: Plugins) -> None:
    generator = torch.Generator().manual_seed(3)
    normal = torch.randn(4000, 20, dtype=torch.float64, generator=generator)
    assert metric(committee, "kurtosis", {}, normal) == pytest.approx(0, abs=0.1)
    assert metric(committee, "kurtosis", {}, normal.sign() + 5) == pytest.approx(-2, abs=1e-3)


def network(committee: Plugins) -> torch.nn.Module:
    torch.manual_seed(2)
    made: torch.nn.Module = committee.function("architecture", "committee/committee", IDENTITY)(
        classes=2, image=(1, 1, 12), units=5
    )
    return made


def test_the_network_is_that_of_the_paper(committee: Plugins) -> None:
    model = network(committee)
    images = torch.randn(6, 1, 1, 12)
    weight = dict(model.named_parameters())["fields.weight"].detach().double().numpy()
    bias = np.array([1, 1, 1, -1, -1])
    fields = images.flatten(1).double().numpy() @ weight.T / math.sqrt(12) + bias
    hidden = np.vectorize(math.erf)(fields / math.sqrt(2))
    logits = model(images).detach().numpy()
    assert logits[:, 0] == pytest.approx(hidden.mean(1), abs=1e-6)
    assert logits[:, 1] == pytest.approx(-hidden.mean(1), abs=1e-6)


def test_a_step_moves_a_bias_by_what_its_gradient_says_over_the_sites(committee: Plugins) -> None:
    model = network(committee)
    images = torch.randn(6, 1, 1, 12)
    shift = dict(model.named_parameters())["fields.shift"]
    (slope,) = torch.autograd.grad(model(images)[:, 0].sum(), shift)
    step = 1e-2
    before = model(images)[:, 0].sum().item()
    # b = start + shift/√D, so that dL/d(shift) = dL/db/√D, and a step of shift moves b by step · dL/db / D.
    with torch.no_grad():
        shift.add_(step)
    after = model(images)[:, 0].sum().item()
    assert (after - before) / step == pytest.approx(float(slope.sum()), rel=0.02)
    hidden = images.flatten(1).double() @ dict(model.named_parameters())["fields.weight"].detach().double().T / math.sqrt(12)
    bias = torch.tensor([1.0, 1, 1, -1, -1]).double()
    by_bias = (math.sqrt(2 / math.pi) * torch.exp(-((hidden + bias) ** 2) / 2)).sum(0) / 5
    assert slope.numpy() == pytest.approx(by_bias.numpy() / math.sqrt(12), rel=1e-4)


def test_targets_are_plus_and_minus_one(committee: Plugins) -> None:
    logits = torch.tensor([[0.5, -0.25], [1.0, 2.0]], requires_grad=True)
    batch = LossBatch(torch.zeros(2, 1, 1, 12), torch.tensor([0, 1]), None, lambda _: logits)
    found = loss_of("committee/signs", committee.function("loss", "committee/signs", IDENTITY), batch)
    expected = np.mean([(0.5 - 1) ** 2, (-0.25 + 1) ** 2, (1 + 1) ** 2, (2 - 1) ** 2])
    assert float(found.value.detach()) == pytest.approx(expected)
