"""Runs a command and says what all its processes took (Linux): python3 processes.py COMMAND…

Prints a line of JSON after the command's own output: seconds until the command ended; processorSeconds, user and system, of all its
processes, also of those whose parent did not wait for them; mainMiB, the greatest resident memory of the command's own process; allMiB,
the greatest sum over its processes, in which pages that they share count more than once. Memory is looked at every 50 ms. Processes that
outlive the command by 10 s are ended.
"""
import ctypes
import glob
import json
import os
import resource
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def descendants(pid):
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        for child in map(int, read(path).split()):
            yield child
            yield from descendants(child)


def mebibytes(pid, field):
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return 0.0


def kill_all():
    for pid in list(descendants(os.getpid())):
        os.kill(pid, signal.SIGKILL)


def stop(*_):
    kill_all()
    sys.exit(124)


signal.signal(signal.SIGTERM, stop)
begin = time.monotonic()
main = subprocess.Popen(sys.argv[1:])
main_mib = all_mib = 0.0
while main.poll() is None:
    main_mib = max(main_mib, mebibytes(main.pid, "VmHWM"))
    all_mib = max(all_mib, sum(mebibytes(pid, "VmRSS") for pid in descendants(os.getpid())))
    time.sleep(0.05)
seconds = time.monotonic() - begin
patience = time.monotonic() + 10
while True:
    try:
        ended, _ = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        break
    if ended == 0 and time.monotonic() > patience:
        kill_all()
    if ended == 0:
        time.sleep(0.02)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
taken = {"seconds": seconds, "processorSeconds": used.ru_utime + used.ru_stime, "mainMiB": main_mib, "allMiB": all_mib}
sys.stdout.flush()
os.write(1, b"\n" + json.dumps(taken).encode() + b"\n")
sys.exit(main.returncode)
