"""What a task needs from outside, over the compute protocol."""

import time
from collections.abc import Mapping

from ncsweep_torch.program.supervisor import Supervisor
from ncsweep_torch.task_io import Checkpoint, Outcome


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
