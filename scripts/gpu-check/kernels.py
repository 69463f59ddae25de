"""Times ncsweep's PyTorch program beside eager PyTorch: `python kernels.py cpu|cuda [SECONDS]`. Prints a table; ends early rather than late."""

import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = 5


class Worker:
    """A process that answers one line of JSON for each line asked (bench/kernels)."""

    def __init__(self, name, cases, *settings):
        path = [str(ROOT / "python" / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": ":".join(path)}
        command = [sys.executable, str(ROOT / "bench" / "kernels" / name), "1", *settings]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.ask(json.dumps(cases), answer=False)
        self.facts = json.loads(self.process.stdout.readline())

    def ask(self, line, answer=True):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline()) if answer else None


def main():
    device, limit = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 150
    cases = json.loads(gzip.decompress((ROOT / "python" / "tests" / "fixtures" / "kernels.json.gz").read_bytes()))
    settings = ["cuda"] if device == "cuda" else []
    began = time.monotonic()
    ours, theirs = Worker("ncsweep_torch_worker.py", cases, *settings), Worker("torch_worker.py", cases, *settings)
    print(f"\n## Kernels: {device}, one process, one thread\n\n{theirs.facts}\n")
    print("| work | ncsweep, ms | PyTorch eager, ms | ratio | of processor time |\n| --- | --- | --- | --- | --- |", flush=True)
    for index, case in enumerate(cases):
        pairs = []
        while len(pairs) < SAMPLES and time.monotonic() - began < limit:
            pairs.append((ours.ask(index), theirs.ask(index)))
        title = f"{case['label']}: {case['work']}, {case['batch']} images"
        if not pairs:
            print(f"| {title} | no time left | | | |")
            continue
        mine, eager = (statistics.median(seconds[0] * 1e3 for seconds in column) for column in zip(*pairs))
        wall, processor = (statistics.median(a[i] / b[i] for a, b in pairs) for i in (0, 1))
        print(f"| {title} | {mine:.2f} | {eager:.2f} | {wall:.2f} | {processor:.2f} |", flush=True)


if __name__ == "__main__":
    main()
