"""Metrics of plug-ins: what they are given, and what is said of those that are wrong."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ncsweep_torch.plugin.archive import Archive
from ncsweep_torch.plugin.check import check_plugin
from ncsweep_torch.plugin.failure import PluginError
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.plugin.metric import MetricBatch, MetricData, MetricResult, metric_records

CODE = (Path(__file__).parents[2] / "sweeps" / "plug-ins" / "geometry" / "metrics.py").read_text(encoding="utf-8")
MEANS = torch.tensor([[1.0, 2.0], [torch.nan, torch.nan], [4.0, 0.5]], dtype=torch.float64)


def data_of(features: Tensor, labels: Tensor, means: Tensor, size: int = 4) -> MetricData:
    parts = [slice(start, start + size) for start in range(0, len(labels), size)]
    return MetricData(
        "conv1",
        "gap",
        len(means),
        len(labels),
        lambda: (MetricBatch(features[each], labels[each], labels[each]) for each in parts),
        means,
        means,
        None,
        5,
    )


SMALL = data_of(torch.zeros(2, 2, dtype=torch.float64), torch.tensor([0, 2]), MEANS)


@pytest.mark.parametrize(
    ("returns", "metric", "message"),
    [
        (
            "scalar",
            lambda: torch.zeros(2),
            r"lab/own of conv1/gap returned \[2\]; plugin\.yaml says scalar, which is \[\], or None",
        ),
        ("classes", lambda: torch.zeros(2), r"returned \[2\]; plugin\.yaml says classes, which is \[3\]"),
        ("scalar", lambda: float("nan"), "returned nan; expected finite numbers"),
        ("classes", lambda: torch.tensor([1, 1, torch.inf]), "returned inf; expected finite numbers"),
        ("scalar", lambda: "high", "lab/own of conv1/gap: "),
        ("scalar", lambda: torch.randn(()), "drew from PyTorch's generator"),
        ("scalar", lambda: 1 / 0, "lab/own of conv1/gap: ZeroDivisionError"),
    ],
)
def test_a_metric_that_breaks_its_promise_is_named(returns: MetricResult, metric: Callable[[], object], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        metric_records("lab/own", returns, metric, SMALL)


def test_records_are_those_of_the_classes_with_examples() -> None:
    nan = torch.nan
    assert metric_records("m", "scalar", lambda: 2, SMALL) == [("m", 2.0, -1, -1)]
    assert metric_records("m", "scalar", lambda: None, SMALL) == []
    classes = metric_records("m", "classes", lambda: [1, nan, 3], SMALL)
    assert classes == [("m", 2.0, -1, -1), ("m", 1.0, 0, -1), ("m", 3.0, 2, -1)]
    matrix = metric_records("m", "matrix", lambda: np.array([[1, nan, 2], [nan, nan, nan], [3, nan, 4]]), SMALL)
    assert [record[1:] for record in matrix] == [(1, 0, 0), (2, 0, 2), (3, 2, 0), (4, 2, 2)]


def test_draws_belong_to_the_seed_and_the_purpose() -> None:
    draws = SMALL.normal("plane", 5, 3)
    assert torch.equal(draws[:2], SMALL.normal("plane", 2, 3))
    assert not torch.equal(draws, SMALL.normal("line", 5, 3))


def test_the_example_measures_cosines_with_class_means() -> None:
    generator = torch.Generator().manual_seed(2)
    features = torch.rand(9, 4, dtype=torch.float64, generator=generator)
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1, 2])
    means = torch.stack([features[labels == label].mean(0) for label in range(3)])
    data = data_of(features, labels, means)
    plugins = Plugins(
        [
            Archive(
                "9" * 64,
                "9" * 64,
                "geometry",
                (),
                {("metric", "class-cosine"): ("metrics.py", "class_cosine")},
                {"metrics.py": CODE},
            )
        ]
    )
    function = plugins.function("metric", "geometry/class-cosine", "9" * 64)
    found = metric_records("c", "classes", lambda: function(data), data)
    h, m, y = features.numpy(), means.numpy(), labels.numpy()
    seen, own = h - m.mean(0), m[y] - m.mean(0)
    cosines = (seen * own).sum(1) / (np.linalg.norm(seen, axis=1) * np.linalg.norm(own, axis=1))
    expected = [cosines[y == label].mean() for label in range(3)]
    assert [record.value for record in found] == pytest.approx([float(np.mean(expected)), *expected], abs=1e-12)


def rows_of(code: str, **changes: object) -> list[tuple[str, str | None]]:
    part: dict[str, object] = {
        "kind": "metric",
        "name": "class-cosine",
        "python": "metrics.py:class_cosine",
        "params": {},
        "of": "layers",
    }
    part |= {"returns": "classes", "minimum": -1, "maximum": 1, "passes": 1, "tolerance": {"absolute": 0.01, "relative": 0}}
    entry = {"identity": hashlib.sha256(code.encode()).hexdigest(), "files": {"metrics.py": code}}
    manifest = {"plugin": "geometry", "requires": [], "parts": [part | changes]}
    return [(row.check, row.problem) for row in check_plugin(entry | {"manifest": manifest})]


def test_the_checks_for_authors_pass_the_example_and_find_what_was_overlooked() -> None:
    assert [problem for _, problem in rows_of(CODE)] == [None] * 6
    wrong = {
        "return data.means[:, 0] * 100": "within its minimum",
        "list(data.batches()); list(data.batches()); return data.means[:, 0] * 0": "no more passes",
        "return torch.stack([next(data.batches()).features.std()] * 4) / 10": "depend on the batches",
        "return data.means[0, 0]": "as many as declared",
        "calls.append(1); return data.means[:, 0] * 0 + len(calls) / 100": "repeats itself",
    }
    for body, check in wrong.items():
        code = f"import torch\ncalls = []\ndef class_cosine(data):\n    {body}\n"
        assert any(check in name and problem is not None for name, problem in rows_of(code)), body
