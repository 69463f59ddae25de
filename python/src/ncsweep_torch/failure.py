"""Why a cell cannot be finished."""

from typing import Literal

FailureClass = Literal[
    "disruption", "infrastructure", "outOfMemory", "device", "timeout", "unknown", "nonFiniteLoss", "badData", "userError"
]


class TaskFailureError(Exception):
    """Ends a task. Its class decides whether a cell is tried again or parked."""

    def __init__(
        self, failure_class: FailureClass, message: str, *, cell_id: str | None = None, at_step: int | None = None
    ) -> None:
        super().__init__(message)
        self.failure_class = failure_class
        self.cell_id = cell_id
        self.at_step = at_step
