"""`python -m ncsweep_torch.plugin.check`: tries the parts of a plug-in on a small network; its archive is the standard input.

Prints a line of JSON for each check: part, check, passed, and what was found.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ncsweep_torch.device import compute_exactly
from ncsweep_torch.plugin.check_attack import attack_checks
from ncsweep_torch.plugin.check_loss import loss_checks
from ncsweep_torch.plugin.check_metric import metric_checks
from ncsweep_torch.plugin.failure import PluginError
from ncsweep_torch.plugin.loader import Function, Plugins, read_plugins
from ncsweep_torch.plugin.sample import Check

Checks = Callable[[str, Function, Mapping[str, Any]], list[Check]]
_CHECKS: Mapping[str, Checks] = {"attack": attack_checks, "loss": loss_checks, "metric": metric_checks}


@dataclass(frozen=True)
class Row:
    """What was found of a part; None: all is well."""

    part: str
    check: str
    problem: str | None


def check_plugin(entry: Mapping[str, Any]) -> Iterator[Row]:
    """Tries every part with the defaults of its parameters."""
    plugins = read_plugins([entry])
    name = entry["manifest"]["plugin"]
    for part in entry["manifest"]["parts"]:
        full = f"{name}/{part['name']}"
        yield from _rows(full, _CHECKS[part["kind"]], part, plugins, entry["identity"])


def _rows(
    full: str,
    checks: Checks,
    part: Mapping[str, Any],
    plugins: Plugins,
    identity: str,
) -> Iterator[Row]:
    try:
        function = plugins.function(part["kind"], full, identity)
    except PluginError as error:
        yield Row(full, "its code can be imported", str(error))
        return
    yield Row(full, "its code can be imported", None)
    for check, run in checks(full, function, part):
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
            line = {"part": row.part, "check": row.check, "passed": row.problem is None, "found": row.problem or ""}
            sys.stdout.write(f"{json.dumps(line)}\n")


if __name__ == "__main__":
    main()
