"""Metrics equal direct NumPy formulas (collapse/fixtures/make.py)."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ncsweep_torch.collapse.class_means import ClassMeans, MeansPass
from ncsweep_torch.collapse.metrics_pass import MetricsPass
from ncsweep_torch.collapse.records import MetricRecord, NonFiniteFeaturesError

CPU = torch.device("cpu")
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "collapse" / "fixtures" / "cases.json").read_text())


def means_of(features: torch.Tensor, labels: torch.Tensor, classes: int, batch: int = 7) -> ClassMeans:
    first = MeansPass(classes, CPU)
    for h, y in zip(torch.split(features, batch), torch.split(labels, batch), strict=True):
        first.add(h, y)
    return first.finish()


def named(records: list[MetricRecord]) -> dict[str, float]:
    names = [
        each.metric + ("" if each.row < 0 else f"[{each.row}]" if each.col < 0 else f"[{each.row},{each.col}]")
        for each in records
    ]
    assert len(set(names)) == len(names)
    return {name: each.value for name, each in zip(names, records, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_metrics_of_arrays(case: dict[str, Any], batch: int) -> None:
    classes, shape = case["classes"], (-1, case["dimension"])
    labels, predictions = torch.tensor(case["labels"]), torch.tensor(case["predictions"])
    clean, features = (torch.tensor(case[name], dtype=torch.float64).view(shape) for name in ("clean", "perturbed"))
    weights = np.array(case["weights"]).reshape(shape)
    reference = means_of(clean, labels, classes).means
    for grouping, expected in ((labels, case["expected"]), (predictions, case["expectedRegrouped"])):
        second = MetricsPass(means_of(features, grouping, classes, batch), reference, weights, CPU)
        for part in zip(torch.split(features, batch), torch.split(grouping, batch), torch.split(predictions, batch), strict=True):
            second.add(*part)
        found = named(second.finish())
        assert found.keys() == expected.keys()
        for name, value in found.items():
            # Angles to within what arccos of a rounded cosine resolves; counts and cosines to 1e-9.
            absolute = 3e-6 if "angle" in name and not name.startswith("nc2") else 1e-9
            is_relative = name.startswith(("nc1", "cdnv", "separation"))
            assert abs(value - expected[name]) <= max(1e-6 * abs(expected[name]), 0 if is_relative else absolute), name


def test_an_exact_simplex_is_collapsed_in_every_sense() -> None:
    labels = torch.arange(8) % 4
    features = torch.eye(4, dtype=torch.float64)[labels] * 4 - 1
    own = means_of(features, labels, 4)
    second = MetricsPass(own, own.means, own.means * 3, CPU)
    second.add(features, labels, labels)
    found = named(second.finish())
    assert all(
        found[name] == pytest.approx(0, abs=1e-12)
        for name in ("nc1", "nc3", "nc4_own", "leap_rate", "simplex_angle", "nc2_equiangular_means")
    )
    assert found["ncc_accuracy_clean_means"] == 1
    assert found["leap_cos_true"] == pytest.approx(1)
    assert not any(math.isnan(value) for value in found.values())


OPTIMA = json.loads((Path(__file__).parents[2] / "test" / "studies" / "fixtures" / "layer-peeled.json").read_text())


@pytest.mark.parametrize("case", OPTIMA["cases"], ids=lambda case: f"imbalance {case['ratio']}")
def test_a_minority_at_the_optimum_of_a_convex_program(case: dict[str, Any]) -> None:
    features, weights = torch.tensor(case["means"], dtype=torch.float64), np.array(case["weights"])
    labels = torch.arange(OPTIMA["classes"])
    own = means_of(features, labels, len(labels))
    second = MetricsPass(own, own.means, weights, CPU, OPTIMA["minority"])
    second.add(features, labels, torch.tensor([0, 1, 1, 3, 0, 0]))
    found = named(second.finish())
    for name, value in case["expected"].items():
        assert found[name] == pytest.approx(value, abs=1e-6)
    assert (found["accuracy_minority"], found["accuracy_majority"]) == (1 / 3, 2 / 3)


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(NonFiniteFeaturesError, match="NaN or infinity"):
        means_of(torch.tensor([[1.0], [math.inf]], dtype=torch.float64), torch.tensor([0, 1]), 2)
