"""`python -m ncsweep_torch`: a compute program that a supervisor starts (docs/compute-protocol.md)."""

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from ncsweep_torch import __version__
from ncsweep_torch.device import DeviceUnusableError, Opened, open_device
from ncsweep_torch.failure import TaskFailureError
from ncsweep_torch.philox import draw_bytes
from ncsweep_torch.program.run_task import TaskRunner
from ncsweep_torch.program.supervisor import Supervisor
from ncsweep_torch.program.supervisor_io import SupervisorIo
from ncsweep_torch.refusal import RefusedError
from ncsweep_torch.science import SCIENCE


def main() -> None:
    """Serves a supervisor on file descriptors 3 and 4 until it is gone."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # the supervisor decides what a signal means
    try:
        supervisor = Supervisor(os.fdopen(3, "rb"), os.fdopen(4, "wb"))
    except OSError:
        sys.stderr.write("ncsweep-torch is started by a worker of ncsweep, with pipes as file descriptors 3 and 4\n")
        sys.exit(2)
    welcome = supervisor.greet("ncsweep-torch", __version__)
    try:
        opened = open_device(welcome["backend"], welcome["threads"])
    except DeviceUnusableError as error:
        supervisor.send({"type": "unusable", "message": str(error)})
        return
    supervisor.send(_ready(welcome["backend"], opened))
    runner = TaskRunner(opened.device)
    while True:
        request = supervisor.next_request().header
        if request["type"] == "draw":
            draws = draw_bytes(request["what"], request["seed"], request["purpose"], request["index"], request["count"])
            supervisor.send({"type": "drawn", "id": request["id"]}, {"draws": draws})
        else:
            supervisor.send(_run(runner, request["task"], supervisor))


def _ready(backend: str, opened: Opened) -> dict[str, Any]:
    # On a GPU equal bytes are likely, because its kernels are the deterministic ones, but nobody has measured them.
    repeats = "equal" if opened.device.type == "cpu" else "within tolerance"
    facts = {"backend": backend, "device": opened.name, "threads": opened.threads, "versions": opened.versions}
    return {"type": "ready", **facts, "repeats": repeats, "science": SCIENCE}


def _run(runner: TaskRunner, task: Mapping[str, Any], supervisor: Supervisor) -> dict[str, Any]:
    """The message that ends a task."""
    try:
        runner.run(task, SupervisorIo(supervisor))
    except RefusedError as error:
        return {"type": "refused", "message": str(error)}
    except TaskFailureError as error:
        step = {} if error.at_step is None else {"atStep": error.at_step}
        cell = error.cell_id or task["cells"][0]["cellId"]
        trace = {"trace": "".join(traceback.format_exception(error))} if error.__cause__ is not None else {}
        return {"type": "failed", "class": error.failure_class, "cellId": cell, "message": str(error), **step, **trace}
    return {"type": "done"}


if __name__ == "__main__":
    main()
