"""Trainings that stop and resume, and tasks that cannot be computed."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import MemoryIo, Scenario

from ncsweep_torch.evaluate.batch_cache import BatchCache
from ncsweep_torch.failure import TaskFailureError
from ncsweep_torch.program.run_task import TaskRunner
from ncsweep_torch.refusal import RefusedError
from ncsweep_torch.science import SCIENCE
from ncsweep_torch.task_io import Outcome

CPU = torch.device("cpu")


def run(document: dict[str, Any], io: MemoryIo) -> MemoryIo:
    TaskRunner(CPU).run(document, io)
    return io


def test_a_training_that_is_given_back_at_any_step_ends_with_the_same_bytes(scenarios: dict[str, Scenario]) -> None:
    document = scenarios["adversarial"].document
    (cell,) = (each["cellId"] for each in document["cells"])
    whole = run(document, MemoryIo()).results[cell]
    for stop_at in range(2, 9):
        io = MemoryIo(stop_at=stop_at)
        with pytest.raises(TaskFailureError) as failure:
            run(document, io)
        assert failure.value.failure_class == "disruption"
        assert failure.value.at_step == io.checkpoints[cell].step
        io.stop_at = float("inf")
        assert run(document, io).results[cell].artifacts == whole.artifacts


def test_a_training_continues_from_a_settled_snapshot(scenarios: dict[str, Scenario]) -> None:
    document = scenarios["standard"].document
    whole = run(document, MemoryIo())
    second = document["cells"][1]["cellId"]
    io = MemoryIo(results={second: whole.results[second]})
    later = {**document, "startFrom": document["cells"][1], "cells": document["cells"][2:]}
    run(later, io)
    last = document["cells"][2]["cellId"]
    assert io.results[last].artifacts == whole.results[last].artifacts
    assert io.progressed[0]["step"] > document["cells"][1]["step"]


def test_a_settled_cell_is_not_computed_again(scenarios: dict[str, Scenario]) -> None:
    document = scenarios["standard"].document
    io = MemoryIo(results={cell["cellId"]: Outcome({}, {}, False) for cell in document["cells"]})
    assert run(document, io).progressed == []


def test_an_evaluation_that_is_stopped_is_given_back(scenarios: dict[str, Scenario], known: MemoryIo) -> None:
    document = scenarios["pgd"].document
    known.stop_at = 1
    with pytest.raises(TaskFailureError) as failure:
        run(document, known)
    assert failure.value.failure_class == "disruption"


def changed(scenario: Scenario, **change: Any) -> dict[str, Any]:  # noqa: ANN401 JSON
    document = copy.deepcopy(scenario.document)
    document["data"]["key"] = "changed"
    for path, value in change.items():
        *parents, last = path.split("__")
        place = document
        for parent in parents:
            place = place[parent]
        place[last] = value
    return document


def test_a_loss_that_is_not_finite_fails(scenarios: dict[str, Scenario]) -> None:
    schedule = {"kind": "steps", "rates": [{"from": 0, "rate": 1e30}]}
    with pytest.raises(TaskFailureError, match="lower the learning rate") as failure:
        run(changed(scenarios["standard"], training__schedule=schedule), MemoryIo())
    assert failure.value.failure_class == "nonFiniteLoss"


def test_bad_data_fails(scenarios: dict[str, Scenario], tmp_path: Path) -> None:
    file = tmp_path / "labels.npy"
    np.save(file, np.zeros(30, dtype=np.int32))
    scenario = scenarios["standard"]
    for path, value in (
        ("data__train__labels__path", str(file)),
        ("data__train__labels__path", "/nowhere"),
        ("data__train__count", 29),
    ):
        with pytest.raises(TaskFailureError) as failure:
            run(changed(scenario, **{path: value}), MemoryIo())
        assert failure.value.failure_class == "badData"


def test_weights_of_another_network_are_the_users_error(scenarios: dict[str, Scenario], known: MemoryIo) -> None:
    document = changed(scenarios["clean"])
    known.results.pop(document["cells"][0]["cellId"])
    document["network"]["parameters"][0]["shape"] = [5, 1, 3, 3]
    with pytest.raises(TaskFailureError, match=r"conv1\.weight is 4×1×3×3, expected 5×1×3×3") as failure:
        run(document, known)
    assert failure.value.failure_class == "userError"


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"science__train": 4},
        {"science": {"loss:mart": 1}},
        {"training__loss__name": "mart"},
        {"training__attack": {"kind": "apgd"}},
        {"network__nodes": [{"kind": "attention"}]},
        {"cells": [{"cellId": "x"}]},
    ],
)
def test_what_is_unknown_is_refused_before_anything_is_computed(change: dict[str, Any], scenarios: dict[str, Scenario]) -> None:
    io = MemoryIo()
    with pytest.raises(RefusedError):
        run(changed(scenarios["standard"], **change), io)
    assert io.clock == 0


def test_an_unknown_attack_is_refused(scenarios: dict[str, Scenario]) -> None:
    with pytest.raises(RefusedError, match="knows none, pgd"):
        run(changed(scenarios["pgd"], evaluation__attack__kind="rotate"), MemoryIo())


def test_arrays_are_what_was_measured(scenarios: dict[str, Scenario], known: MemoryIo, tmp_path: Path) -> None:
    keys = ["conv1/flatten", "gap/flatten"]
    for name in ("pgd", "ncc"):
        document = copy.deepcopy(scenarios[name].document)
        cell = document["cells"][-1]["cellId"]
        document["evaluation"]["arrays"] = {"folder": str(tmp_path), "images": keys, "features": keys}
        for each in document["cells"]:
            known.results.pop(each["cellId"], None)
        run(document, known)
        head = "/conv1-flatten" if name == "ncc" else ""
        images, logits = (np.load(tmp_path / cell / f"{what}{head}.npy") for what in ("images", "logits"))
        labels, features = np.load(tmp_path / cell / "labels.npy"), np.load(tmp_path / cell / "features" / "conv1-flatten.npy")
        clean = np.load(document["data"]["train"]["images"]["path"])
        assert images.shape == clean.shape
        assert np.abs(images - clean).max() == pytest.approx(8 / 255, abs=1e-6)
        assert labels.dtype == np.int32
        assert features.shape == (30, 8 * 8 * 4)
        if name == "pgd":
            assert known.results[cell].scalars["accuracy"] == (logits.argmax(1) == labels).mean()


def test_what_this_program_says_it_computes_is_what_the_protocol_describes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "compute-protocol.md").read_text()
    table = page.split("made by scripts/write-schema.ts: science")[1].split("end of science")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    described = {name.strip(" `"): int(version.strip(" `")) for name, version in rows}
    assert described == SCIENCE


def test_batches_beyond_the_limit_come_back_from_a_file() -> None:
    with BatchCache(limit_bytes=8) as cache:
        tensors = {key: torch.arange(4.0).view(2, 2) + key for key in range(3)}
        for key, tensor in tensors.items():
            cache.set(key, tensor)
        for key, tensor in tensors.items():
            assert torch.equal(cache.get(key, CPU), tensor)  # type: ignore[arg-type]
        assert cache.get(9, CPU) is None
