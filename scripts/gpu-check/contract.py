"""Holds ncsweep's PyTorch program, on a device, to the tasks in python/tests/fixtures: `python contract.py BACKEND`. Prints a table; exits with 1 if a row fails.

The program runs as a worker starts it, behind the compute protocol. It needs torch, numpy, safetensors and pyarrow, no Node and no network.
"""

import base64
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from safetensors.numpy import load

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "python" / "src"))
from ncsweep_torch.program.frames import BrokenPipeEndError, Frame, read_frame, write_frame  # noqa: E402

FIXTURES = ROOT / "python" / "tests" / "fixtures"


class Program:
    """A supervisor's side of the program; its store is a dictionary."""

    def __init__(self, backend, scratch):
        self.scratch, self.results, self.checkpoints = Path(scratch), {}, {}
        child_in, to_child = os.pipe()
        from_child, child_out = os.pipe()
        command = f'exec "{sys.executable}" -m ncsweep_torch 3<&{child_in} 4>&{child_out}'
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "python" / "src"), os.environ.get("PYTHONPATH", "")])}
        self.process = subprocess.Popen(["/bin/bash", "-c", command], pass_fds=(child_in, child_out), env=environment)
        os.close(child_in)
        os.close(child_out)
        self.outgoing, self.incoming = os.fdopen(to_child, "wb"), os.fdopen(from_child, "rb")
        self.receive()
        self.send({"type": "welcome", "protocol": 1, "backend": backend, "threads": 2, "scratch": str(scratch)})
        self.ready = self.receive().header
        if self.ready["type"] != "ready":
            sys.exit(f"contract: {self.ready['message']}")

    def receive(self):
        return read_frame(self.incoming, self.scratch)

    def send(self, header, payloads=None):
        write_frame(self.outgoing, Frame(header, payloads or {}), self.scratch, "answer")

    def run(self, document, abort_at=None):
        """The header that ends the task. `abort_at` calls before an abort is sent."""
        self.send({"type": "run", "task": document})
        calls = 0
        while (frame := self.receive()).header["type"] not in ("done", "failed", "refused"):
            if frame.header["type"] == "call":
                calls += 1
                if calls == abort_at:
                    self.send({"type": "abort"})
                self.answer(frame)
        return frame.header

    def answer(self, frame):
        header, cell = frame.header, frame.header["cellId"]
        reply = {"type": "answer", "id": header["id"]}
        if header["call"] == "isSettled":
            return self.send(reply | {"settled": cell in self.results})
        if header["call"] == "readArtifact":
            return self.send(reply, {header["name"]: self.results[cell][1][header["name"]]})
        if header["call"] == "latestCheckpoint" and cell in self.checkpoints:
            step, parts = self.checkpoints[cell]
            return self.send(reply | {"step": step}, parts)
        if header["call"] == "saveCheckpoint":
            self.checkpoints[cell] = (header["step"], dict(frame.payloads))
        if header["call"] == "commit":
            self.results[cell] = (header["scalars"], dict(frame.payloads))
        return self.send(reply)


def scenarios():
    read = json.loads(gzip.decompress((FIXTURES / "scenarios.json.gz").read_bytes()))
    for each in read.values():
        for split in ("train", "test"):
            for what in ("images", "labels"):
                file = each["document"]["data"][split][what]
                file["path"] = str(FIXTURES / file["path"])
        for output in each["outputs"].values():
            output["artifacts"] = {name: base64.b64decode(text) for name, text in output["artifacts"].items()}
    return read


def lines_of(content):
    table = pq.read_table(io.BytesIO(content)).to_pydict()
    names = ("layer", "pooling", "labels", "metric", "row", "col")
    return dict(zip(zip(*(table[name] for name in names)), table["value"]))


def allowed(place, value):
    """As wide as `ncsweep verify` allows between backends, but that one example of 30 may fall to either side of a boundary."""
    metric = place[3]
    if metric.startswith(("accuracy", "ncc_", "nc4_", "leap_rate", "leap_matrix", "adaptive_")):
        return 0.04
    if metric.startswith(("leap_", "nc2_cosines", "nc2_equiangular")):
        return 0.01
    if metric.endswith("angle"):
        return 1.0
    return max(1e-4, 0.02 * abs(value), 1e-3 * value * value if metric == "cdnv" else 0)


def worst_weights(found, expected):
    worst = 0.0
    for file in expected:
        ours, theirs = load(found[file]), load(expected[file])
        worst = max([worst, *(float(np.abs(ours[name] - each).max(initial=0)) for name, each in theirs.items())])
    return worst


def check_scenario(program, scenario):
    """Whether the task's cells have the expected numbers, and the largest difference in words."""
    for cell in scenario["outputs"]:
        program.results.pop(cell, None)
    end = program.run(scenario["document"])
    if end["type"] != "done":
        return False, f"{end['type']}: {end.get('message')}"
    worst, where, bad = 0.0, "", 0
    for cell, output in scenario["outputs"].items():
        found = program.results[cell][1]
        if "weights.safetensors" in found:
            difference = worst_weights(found, output["artifacts"])
            initial = output["scalars"]["step"] == 0
            bad += difference > (0 if initial else 5e-3)
            worst, where = max((worst, where), (difference, "weights"))
            continue
        ours, theirs = lines_of(found["metrics.parquet"]), lines_of(output["artifacts"]["metrics.parquet"])
        bad += ours.keys() != theirs.keys()
        for place in ours.keys() & theirs.keys():
            share = abs(ours[place] - theirs[place]) / allowed(place, theirs[place])
            bad += share > 1
            worst, where = max((worst, where), (share, "/".join(map(str, place[:4]))))
    unit = "" if where == "weights" else " of what is allowed"
    return bad == 0, f"largest difference {worst:.2g}{unit}, {where}"


def give(program, scenario):
    """Evaluations read the snapshot and the means of the fixtures, not those just made."""
    program.results |= {cell: (each["scalars"], each["artifacts"]) for cell, each in scenario["outputs"].items()}


def check_draws(program, _):
    for each in json.loads((FIXTURES / "draws.json").read_text()):
        for what in ("uniform", "normal", "permutation"):
            key = {name: each[name] for name in ("seed", "purpose", "index")}
            program.send({"type": "draw", "id": 1, "what": what, "count": len(each[what]) // 8, **key})
            if program.receive().payloads["draws"].hex() != each[what]:
                return False, f"{what} of {each['purpose']} differ"
    return True, "equal bits"


def check_again(program, all_scenarios):
    scenario = all_scenarios["adversarial"]
    (cell,) = scenario["outputs"]
    first = program.results[cell]
    check_scenario(program, scenario)
    difference = worst_weights(program.results[cell][1], first[1])
    return difference == 0 or program.ready["repeats"] != "equal", f"{'equal bytes' if difference == 0 else f'differ by {difference:.2g}'}"


def check_resume(program, all_scenarios):
    document = all_scenarios["standard"]["document"]
    cells = [cell["cellId"] for cell in document["cells"]]
    for cell in cells:
        program.results.pop(cell)
    program.run(document)
    whole = program.results[cells[-1]]
    for cell in cells:
        program.results.pop(cell)
    # Three questions whether a cell is settled, one for a checkpoint, and the commits of the first two snapshots.
    end = program.run(document, abort_at=6)
    if (end["type"], end.get("class")) != ("failed", "disruption"):
        return False, f"an abort ended with {end}"
    step = program.checkpoints[cells[-1]][0]
    program.run(document)
    difference = worst_weights(program.results[cells[-1]][1], whole[1])
    return difference == 0 or program.ready["repeats"] != "equal", f"from step {step}: {'equal bytes' if difference == 0 else f'differ by {difference:.2g}'}"


def check_refusals(program, all_scenarios):
    document = all_scenarios["standard"]["document"]
    for change in ({"v": 2}, {"science": {"train": 99}}, {"science": {"loss:unknown": 1}}):
        if program.run({**document, **change})["type"] != "refused":
            return False, f"{change} was not refused"
    return True, "version, science, part"


def check_end(program, _):
    program.outgoing.close()
    began = time.monotonic()
    program.process.wait(timeout=30)
    seconds = time.monotonic() - began
    return seconds < 2, f"{seconds:.2f} s"


def main():
    backend = sys.argv[1]
    known = scenarios()
    began = time.monotonic()
    rows, failed = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        program = Program(backend, scratch)
        checks = [("draws", check_draws), *((name, None) for name in known)]
        checks += [("the same again", check_again), ("resumed after an abort", check_resume), ("refusals", check_refusals), ("ends with its supervisor", check_end)]
        for name, check in checks:
            if name == "clean":
                give(program, known["standard"])
            try:
                passed, said = check_scenario(program, known[name]) if check is None else check(program, known)
            except (BrokenPipeEndError, KeyError, struct.error) as error:
                passed, said = False, f"{type(error).__name__}: {error}"
            if name == "clean":
                give(program, known["clean"])
            failed += not passed
            rows.append(f"| {name} | {'passed' if passed else 'FAILED'} | {said} |")
    print(f"\n## Contract: {backend} on {program.ready['device']}\n\n{program.ready['versions']}, {time.monotonic() - began:.0f} s\n")
    print("| check | | found |\n| --- | --- | --- |")
    print("\n".join(rows))
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
