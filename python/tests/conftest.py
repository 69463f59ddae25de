"""Fixtures that this program shares with the TensorFlow.js one (test/torch/make-fixtures.ts), and a TaskIo in memory."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

from ncsweep_torch.device import compute_exactly
from ncsweep_torch.task_io import Checkpoint, Outcome

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass
class MemoryIo:
    """A TaskIo whose store is a dictionary; its clock advances by one at every reading."""

    results: dict[str, Outcome] = field(default_factory=dict)
    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    progressed: list[Mapping[str, float]] = field(default_factory=list)
    # Aborts at this reading of the clock.
    stop_at: float = float("inf")
    clock: float = 0

    def is_settled(self, cell_id: str) -> bool:
        return cell_id in self.results

    def read_artifact(self, cell_id: str, name: str) -> bytes:
        return self.results[cell_id].artifacts[name]

    def latest_checkpoint(self, cell_id: str) -> Checkpoint | None:
        return self.checkpoints.get(cell_id)

    def save_checkpoint(self, cell_id: str, checkpoint: Checkpoint) -> None:
        self.checkpoints[cell_id] = checkpoint

    def commit(self, cell_id: str, outcome: Outcome, compute_ms: float) -> None:
        assert compute_ms >= 0
        self.results[cell_id] = outcome

    def progress(self, cell_id: str, values: Mapping[str, float], place: Mapping[str, float] | None = None) -> None:
        assert cell_id
        self.progressed.append({**values, **(place or {})})

    def now_ms(self) -> float:
        self.clock += 1
        return self.clock

    @property
    def wants_abort(self) -> bool:
        return self.clock >= self.stop_at


@dataclass(frozen=True)
class Scenario:
    """A task, and what its cells must return."""

    document: dict[str, Any]
    outputs: dict[str, Outcome]


def _decoded(output: Mapping[str, Any]) -> Outcome:
    return Outcome({name: base64.b64decode(text) for name, text in output["artifacts"].items()}, output["scalars"], False)


def _placed(document: dict[str, Any]) -> dict[str, Any]:
    for split in ("train", "test"):
        for what in ("images", "labels"):
            file = document["data"][split][what]
            file["path"] = str(FIXTURES / file["path"])
    return document


@pytest.fixture(autouse=True, scope="session")
def _exactly() -> None:
    compute_exactly()
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def scenarios() -> dict[str, Scenario]:
    with gzip.open(FIXTURES / "scenarios.json.gz", "rt", encoding="utf-8") as file:
        read: dict[str, Any] = json.load(file)
    return {
        name: Scenario(_placed(each["document"]), {cell: _decoded(output) for cell, output in each["outputs"].items()})
        for name, each in read.items()
    }


@pytest.fixture
def known(scenarios: dict[str, Scenario]) -> MemoryIo:
    """Has what evaluations read: the last snapshots of `standard` and `five`, and the clean evaluations of them."""
    io = MemoryIo()
    for name in ("standard", "clean", "five", "five-clean"):
        io.results |= scenarios[name].outputs
    return io
