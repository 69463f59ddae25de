"""What running a task needs from outside."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


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
