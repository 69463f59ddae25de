"""What running a task needs from outside."""

import time
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from ncsweep_torch.program.supervisor import Supervisor


class Checkpoint(NamedTuple):
    """A training's state at a step, as files by name."""

    step: int
    parts: Mapping[str, bytes]


class Outcome(NamedTuple):
    """The results of a cell."""

    artifacts: Mapping[str, bytes]
    scalars: Mapping[str, float]
    # Its images were perturbed, against exactly the weights measured.
    perturbed: bool


class TaskIo(Protocol):
    """Implemented over the supervisor, and in memory by tests."""

    def is_settled(self, cell_id: str) -> bool:
        """Whether the cell has a result or is parked."""

    def read_artifact(self, cell_id: str, name: str) -> bytes:
        """Of a committed cell. Raises TaskFailureError."""

    def latest_checkpoint(self, cell_id: str) -> Checkpoint | None:
        """The newest one on the way to this snapshot."""

    def save_checkpoint(self, cell_id: str, checkpoint: Checkpoint) -> None:
        """Returns when it is stored."""

    def commit(self, cell_id: str, outcome: Outcome, compute_ms: float) -> None:
        """Returns when the outcome is accepted."""

    def progress(self, cell_id: str, values: Mapping[str, float], place: Mapping[str, float] | None = None) -> None:
        """Tells how far a cell is; `place` may have epoch, epochs and step."""

    def now_ms(self) -> float:
        """A clock, to pace checkpoints and progress."""

    @property
    def wants_abort(self) -> bool:
        """Whether the task must be given back."""


class SupervisorIo:
    """TaskIo over the compute protocol."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def is_settled(self, cell_id: str) -> bool:
        """See TaskIo."""
        return bool(self._supervisor.call("isSettled", cell_id).header["settled"])

    def read_artifact(self, cell_id: str, name: str) -> bytes:
        """See TaskIo."""
        (content,) = self._supervisor.call("readArtifact", cell_id, name=name).payloads.values()
        return content

    def latest_checkpoint(self, cell_id: str) -> Checkpoint | None:
        """See TaskIo."""
        answer = self._supervisor.call("latestCheckpoint", cell_id)
        step = answer.header.get("step")
        return None if step is None else Checkpoint(step, answer.payloads)

    def save_checkpoint(self, cell_id: str, checkpoint: Checkpoint) -> None:
        """See TaskIo."""
        self._supervisor.call("saveCheckpoint", cell_id, checkpoint.parts, step=checkpoint.step)

    def commit(self, cell_id: str, outcome: Outcome, compute_ms: float) -> None:
        """See TaskIo."""
        timing = {"attackTiming": "fresh"} if outcome.perturbed else {}
        self._supervisor.call("commit", cell_id, outcome.artifacts, scalars=dict(outcome.scalars), computeMs=compute_ms, **timing)

    def progress(self, cell_id: str, values: Mapping[str, float], place: Mapping[str, float] | None = None) -> None:
        """See TaskIo."""
        self._supervisor.send({"type": "progress", "cellId": cell_id, "values": dict(values), **(place or {})})

    def now_ms(self) -> float:
        """See TaskIo."""
        return time.monotonic() * 1000

    @property
    def wants_abort(self) -> bool:
        """See TaskIo."""
        return self._supervisor.wants_abort
