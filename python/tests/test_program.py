"""The program behind the compute protocol, as a real process."""

import contextlib
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import MemoryIo, Scenario

from ncsweep_torch.program.frames import Frame, read_frame, write_frame


class Program:
    """A supervisor's side of the program."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        child_in, to_child = os.pipe()
        from_child, child_out = os.pipe()
        command = f'exec "{sys.executable}" -m ncsweep_torch 3<&{child_in} 4>&{child_out}'
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}
        self.process = subprocess.Popen(["/bin/bash", "-c", command], pass_fds=(child_in, child_out), env=environment)  # noqa: S603
        os.close(child_in)
        os.close(child_out)
        self.outgoing, self.incoming = os.fdopen(to_child, "wb"), os.fdopen(from_child, "rb")

    def receive(self) -> Frame:
        return read_frame(self.incoming, self.scratch)

    def send(self, header: dict[str, Any], payloads: dict[str, bytes] | None = None) -> None:
        write_frame(self.outgoing, Frame(header, payloads or {}), self.scratch, "answer")

    def greet(self, backend: str = "torch-cpu") -> Frame:
        assert self.receive().header == {"type": "hello", "protocols": [1], "program": "ncsweep-torch", "version": "0.1.0"}
        self.send({"type": "welcome", "protocol": 1, "backend": backend, "threads": 1, "scratch": str(self.scratch)})
        return self.receive()

    def answer(self, call: Frame, io: MemoryIo) -> None:
        header, cell = call.header, call.header["cellId"]
        reply: dict[str, Any] = {"type": "answer", "id": header["id"]}
        match header["call"]:
            case "isSettled":
                self.send(reply | {"settled": cell in io.results})
            case "readArtifact":
                self.send(reply, {header["name"]: io.read_artifact(cell, header["name"])})
            case _:
                self.send(reply)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    started = Program(tmp_path)
    yield started
    started.process.kill()
    started.process.wait()
    started.incoming.close()
    with contextlib.suppress(BrokenPipeError):
        started.outgoing.close()


def test_a_task_runs_over_the_pipes(program: Program, scenarios: dict[str, Scenario], known: MemoryIo) -> None:
    scenario = scenarios["pgd"]
    ready = program.greet().header
    assert ready["type"] == "ready"
    assert ready["repeats"] == "equal"
    program.send({"type": "draw", "id": 1, "what": "words", "seed": 1, "purpose": "init/conv1.weight", "index": 3, "count": 4})
    drawn = program.receive()
    assert struct.unpack("<4I", drawn.payloads["draws"]) == (0x1C2E263D, 0x15AD108A, 0x2A2A4EF2, 0xF873D3C4)
    program.send({"type": "run", "task": scenario.document})
    commits: dict[str, Frame] = {}
    while (frame := program.receive()).header["type"] not in ("done", "failed", "refused"):
        if frame.header["type"] == "call":
            if frame.header["call"] == "commit":
                commits[frame.header["cellId"]] = frame
            program.answer(frame, known)
    assert frame.header == {"type": "done"}
    assert commits.keys() == scenario.outputs.keys()
    for commit in commits.values():
        assert commit.header["attackTiming"] == "fresh"
        assert [*commit.payloads] == ["metrics.parquet"]
    program.send({"type": "run", "task": {**scenario.document, "v": 2}})
    assert program.receive().header["type"] == "refused"


def test_it_leaves_with_its_supervisor(program: Program) -> None:
    program.greet()
    program.outgoing.close()
    began = time.monotonic()
    program.process.wait(timeout=60)
    assert time.monotonic() - began < 2


def test_a_device_that_is_not_there_is_unusable(program: Program) -> None:
    found = program.greet("torch-cuda").header
    if found["type"] != "ready":
        assert found["type"] == "unusable"
        assert "nvidia-smi" in found["message"]


def test_large_payloads_go_by_file(tmp_path: Path) -> None:
    content = bytes(9 * 2**20)
    with (tmp_path / "pipe").open("w+b") as pipe:
        (file,) = write_frame(pipe, Frame({"type": "x"}, {"large.bin": content, "small.bin": b"\x01"}), tmp_path, "call-1")
        pipe.seek(0)
        frame = read_frame(pipe, tmp_path)
    assert file.parent == tmp_path
    assert frame.payloads == {"large.bin": content, "small.bin": b"\x01"}
    assert (tmp_path / "pipe").stat().st_size < 1000


def test_the_frame_of_the_protocols_page(tmp_path: Path) -> None:
    header = {"type": "call", "id": 7, "cellId": "b2" * 32, "call": "commit", "scalars": {"accuracy": 0.5}, "computeMs": 12}
    with (tmp_path / "pipe").open("w+b") as pipe:
        write_frame(pipe, Frame(header, {"out.bin": b"\x01\x02\xff"}))
        pipe.seek(0)
        written = pipe.read()
    page = (Path(__file__).parents[2] / "docs" / "compute-protocol.md").read_text()
    dump = page.split("```bytes\n")[1].split("```")[0]
    assert written == bytes.fromhex("".join(line[6:53] for line in dump.splitlines()))
