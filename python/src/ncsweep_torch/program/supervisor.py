"""The supervisor as this program sees it: what it asks, and what can be asked of it."""

import os
import queue
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ncsweep_torch.failure import TaskFailureError
from ncsweep_torch.program.frames import BrokenPipeEndError, Frame, NoFrameError, read_frame, write_frame


class Supervisor:
    """A thread reads all messages, so that the program ends with its supervisor even while a kernel runs."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._scratch: Path | None = None
        self._requests: queue.Queue[Frame] = queue.Queue()
        self._answers: queue.Queue[Frame] = queue.Queue()
        self._calls = 0
        self._abort = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True, name="supervisor")

    def greet(self, program: str, version: str) -> Mapping[str, Any]:
        """Says hello; returns the header of the welcome."""
        self.send({"type": "hello", "protocols": [1], "program": program, "version": version})
        welcome = read_frame(self._incoming, None).header
        self._scratch = Path(welcome["scratch"])
        self._reader.start()
        return welcome

    def next_request(self) -> Frame:
        """The next message that is neither an answer nor an abort; waits for it."""
        return self._requests.get()

    @property
    def wants_abort(self) -> bool:
        """Whether the task must be given back."""
        return self._abort.is_set()

    def send(self, header: Mapping[str, Any], payloads: Mapping[str, bytes] | None = None) -> None:
        """Sends a message that has no answer."""
        write_frame(self._outgoing, Frame(header, payloads or {}))

    def call(self, which: str, cell_id: str, payloads: Mapping[str, bytes] | None = None, **fields: Any) -> Frame:  # noqa: ANN401 JSON
        """Sends a call and waits for its answer. Raises TaskFailureError when the supervisor refuses."""
        self._calls += 1
        header = {"type": "call", "id": self._calls, "call": which, "cellId": cell_id, **fields}
        files = write_frame(self._outgoing, Frame(header, payloads or {}), self._scratch, f"call-{self._calls}")
        answer = self._answers.get()
        for file in files:
            file.unlink(missing_ok=True)
        if answer.header["type"] == "refusal":
            raise TaskFailureError(answer.header["class"], answer.header["message"], cell_id=cell_id)
        return answer

    def _read(self) -> None:
        """Leaves the process at the end of the pipe, because a kernel may be running in the main thread."""
        try:
            while True:
                self._take(read_frame(self._incoming, self._scratch))
        except (BrokenPipeEndError, OSError):
            # The supervisor is gone: nobody wants what is computed.
            os._exit(0)
        except NoFrameError as error:
            sys.stderr.write(f"ncsweep-torch: {error}. Remedy: use a supervisor and a program of the same protocol\n")
            sys.stderr.flush()
            os._exit(1)

    def _take(self, frame: Frame) -> None:
        """Raises NoFrameError for a message of a type that the protocol does not have."""
        match frame.header["type"]:
            case "answer" | "refusal":
                self._answers.put(frame)
            case "abort":
                self._abort.set()
            case "run":
                # An abort that follows at once must not be forgotten.
                self._abort.clear()
                self._requests.put(frame)
            case "draw":
                self._requests.put(frame)
            case other:
                raise NoFrameError(
                    f"the supervisor sent a message of type {other!r}; expected answer, refusal, abort, run or draw"
                )
