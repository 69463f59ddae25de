"""`python -m ncsweep_torch.plugin.check`: tries the parts of a plug-in on a small network; its archive is the standard input.

Prints a line of JSON for each check: part, language, check, passed, and what was found.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ncsweep_torch.device import compute_exactly
from ncsweep_torch.plugin.check_architecture import architecture_checks
from ncsweep_torch.plugin.check_attack import attack_checks
from ncsweep_torch.plugin.check_loss import loss_checks
from ncsweep_torch.plugin.check_metric import metric_checks
from ncsweep_torch.plugin.failure import PluginError
from ncsweep_torch.plugin.loader import Function, Plugins, read_plugins
from ncsweep_torch.plugin.sample import Check


def _checks(full: str, function: Function, part: Mapping[str, Any], other: Sequence[float] | None) -> list[Check]:
    match part["kind"]:
        case "attack":
            return attack_checks(full, function, part, other)
        case "loss":
            return loss_checks(full, function, part, other)
        case "metric":
            return metric_checks(full, function, part)
        case _:
            return architecture_checks(full, function, part)


@dataclass(frozen=True)
class Row:
    """What was found of a part; None: all is well."""

    part: str
    check: str
    problem: str | None


def check_plugin(entry: Mapping[str, Any]) -> Iterator[Row]:
    """Tries every part with the defaults of its parameters; `other` of an archive of one part are its numbers in another language."""
    plugins = read_plugins([entry])
    name = entry["manifest"]["plugin"]
    for part in entry["manifest"]["parts"]:
        yield from _rows(f"{name}/{part['name']}", part, plugins, entry)


def _rows(full: str, part: Mapping[str, Any], plugins: Plugins, entry: Mapping[str, Any]) -> Iterator[Row]:
    try:
        function = plugins.function(part["kind"], full, entry["identity"])
    except PluginError as error:
        yield Row(full, "its code can be imported", str(error))
        return
    yield Row(full, "its code can be imported", None)
    for check, run in _checks(full, function, part, entry.get("other")):
        try:
            yield Row(full, check, run())
        except PluginError as error:
            yield Row(full, check, str(error))


def main() -> None:
    """Reads an archive from each line, prints rows."""
    compute_exactly()
    torch.set_num_threads(1)
    for archive in sys.stdin:
        for row in check_plugin(json.loads(archive)):
            line = {
                "part": row.part,
                "language": "Python",
                "check": row.check,
                "passed": row.problem is None,
                "found": row.problem or "",
            }
            sys.stdout.write(f"{json.dumps(line)}\n")


if __name__ == "__main__":
    main()
