"""`python -m ncsweep_torch.plugin.check`: tries the parts of a plug-in on a small network; its archive is the standard input.

Prints a line of JSON for each check: part, check, passed, and what was found.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import NetworkClassifier
from ncsweep_torch.attack.draws import normal_draws, uniform_draws
from ncsweep_torch.attack.objective import LogitObjective
from ncsweep_torch.device import compute_exactly
from ncsweep_torch.network.frozen import FrozenNetwork
from ncsweep_torch.network.nodes import read_nodes
from ncsweep_torch.network.training import training_logits
from ncsweep_torch.philox import normals, random_key
from ncsweep_torch.plugin.attack import AttackBatch, perturbed_by
from ncsweep_torch.plugin.failure import PluginError
from ncsweep_torch.plugin.loader import Function, Plugins, read_plugins
from ncsweep_torch.plugin.loss import LossBatch, loss_of

_IMAGE, _CLASSES, _COUNT, _SEED = (8, 8, 3), 4, 16, 1
_NODES = (
    {"kind": "conv", "name": "conv1", "inputs": 3, "outputs": 6, "kernel": 3, "stride": 1},
    {"kind": "activation", "fn": "softplus"},
    {"kind": "globalAveragePool"},
    {"kind": "dense", "name": "classifier", "inputs": 6, "outputs": _CLASSES},
)
_SHAPES = {"conv1.weight": (6, 3, 3, 3), "classifier.weight": (_CLASSES, 6), "classifier.bias": (_CLASSES,)}
# Share of pixels that may differ between batches: rounding turns the sign of gradients that are nearly 0.
_TURNED = 0.01


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
        checks = _attack_checks if part["kind"] == "attack" else _loss_checks
        yield from _rows(full, checks, part, plugins, entry["identity"])


Check = tuple[str, Callable[[], str | None]]


def _rows(
    full: str,
    checks: Callable[[str, Function, Mapping[str, Any]], list[Check]],
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


def _values(part: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults; where there is none, the smallest value."""
    return {name: schema.get("default", schema.get("minimum", _any(schema))) for name, schema in part["params"].items()}


def _any(schema: Mapping[str, Any]) -> object:
    return {"integer": 1, "number": 1.0, "boolean": False}.get(schema["type"], schema.get("enum", [""])[0])


def _weights() -> dict[str, Tensor]:
    one = torch.zeros(1, dtype=torch.int64)
    sizes = {name: int(torch.tensor(shape).prod()) for name, shape in _SHAPES.items()}
    return {name: normals(random_key(_SEED, name), one, sizes[name]).view(shape) * 0.5 for name, shape in _SHAPES.items()}


def _images() -> Tensor:
    return uniform_draws(_SEED, "images", torch.arange(_COUNT), _IMAGE)


_LABELS = torch.arange(_COUNT) % _CLASSES


class _Counted:
    """An attack's batch of these images, and how many gradients were asked for."""

    def __init__(self, indices: Tensor, epsilon: float, norm: Norm) -> None:
        network = FrozenNetwork(read_nodes(_NODES), _weights())
        objective = LogitObjective(NetworkClassifier(network))
        goals = F.one_hot(_LABELS[indices], _CLASSES).to(torch.float32)
        self.gradients = 0

        def gradient(images: Tensor) -> Tensor:
            self.gradients += 1
            return objective.gradient(images, goals)

        self.batch = AttackBatch(
            _images()[indices],
            _LABELS[indices],
            epsilon,
            norm,
            network,
            gradient,
            lambda what: uniform_draws(_SEED, what, indices, _IMAGE),
            lambda what: normal_draws(_SEED, what, indices, _IMAGE),
        )


def _attack_checks(full: str, function: Function, part: Mapping[str, Any]) -> list[Check]:
    values, norm = _values(part), part["norm"]
    budget = 8 / 255 if norm == "linf" else 0.5
    everything = torch.arange(_COUNT)

    def perturb(indices: Tensor, epsilon: float = budget) -> Tensor:
        batch = _Counted(indices, epsilon, norm).batch
        return perturbed_by(full, lambda: function(batch, **values), batch)

    def budgets() -> str | None:
        for epsilon in (0.0, budget, 4 * budget):
            perturb(everything, epsilon)
        return None

    def batches() -> str | None:
        whole, mixed = perturb(everything), torch.tensor([5, 3, 11])
        turned = float(((perturb(mixed) - whole[mixed]).abs() > 1e-4).to(torch.float32).mean())
        return None if turned <= _TURNED else f"{turned:.0%} of the pixels are others when an image is in another batch"

    def repeats() -> str | None:
        return None if torch.equal(perturb(everything), perturb(everything)) else "the second time it returned other images"

    def cost() -> str | None:
        counted = _Counted(everything, budget, norm)
        perturbed_by(full, lambda: function(counted.batch, **values), counted.batch)
        declared = _declared(part["gradients"], values)
        return None if counted.gradients <= declared else f"it took {counted.gradients} gradients; gradients says {declared}"

    return [
        ("images stay within the budget", budgets),
        ("an image does not depend on its batch", batches),
        ("it repeats itself", repeats),
        ("it takes no more gradients than declared", cost),
    ]


def _declared(gradients: int | str | list[int | str], values: Mapping[str, Any]) -> int:
    product = 1
    for factor in gradients if isinstance(gradients, list) else [gradients]:
        product *= int(values[factor]) if isinstance(factor, str) else factor
    return product


def _loss_checks(full: str, function: Function, part: Mapping[str, Any]) -> list[Check]:
    values = _values(part)
    nodes = read_nodes(_NODES)
    images = _images()
    adversarial = (images + 0.02 * normal_draws(_SEED, "moved", torch.arange(_COUNT), _IMAGE)).clamp(0, 1)
    passes = 0

    def loss(weights: Mapping[str, Tensor], perturbed: Tensor | None) -> Tensor:
        def logits(seen: Tensor) -> Tensor:
            nonlocal passes
            passes += 1
            return training_logits(nodes, seen, weights, "train")

        batch = LossBatch(images, _LABELS, perturbed, logits)
        return loss_of(full, lambda given: function(given, **values), batch).value

    def leaves() -> dict[str, Tensor]:
        return {name: tensor.requires_grad_() for name, tensor in _weights().items()}

    def gradient() -> str | None:
        weights = leaves()
        value = loss(weights, adversarial)
        exact = torch.autograd.grad(value, list(weights.values()))
        slope = float(sum((each**2).sum() for each in exact))
        step = 1e-3 / max(slope, 1e-12) ** 0.5
        ahead, behind = (
            loss(
                {
                    name: (w + sign * step * g).detach().requires_grad_()
                    for (name, w), g in zip(weights.items(), exact, strict=True)
                },
                adversarial,
            )
            for sign in (1, -1)
        )
        found = float(ahead.detach() - behind.detach()) / (2 * step)
        near = abs(found - slope) <= 0.05 * abs(slope) + 1e-3
        return None if near else f"along its gradient the loss rises by {found:.4g}; by the gradient it would by {slope:.4g}"

    def clean() -> str | None:
        loss(leaves(), None)
        return None

    def repeats() -> str | None:
        first, second = loss(leaves(), adversarial), loss(leaves(), adversarial)
        return None if torch.equal(first, second) else "the second time it returned another loss"

    def cost() -> str | None:
        nonlocal passes
        passes = 0
        loss(leaves(), adversarial)
        return None if passes <= part["passes"] else f"it took {passes} passes; passes says {part['passes']}"

    checks = [
        ("its gradient is that of finite differences", gradient),
        ("it repeats itself", repeats),
        ("it takes no more passes than declared", cost),
    ]
    return checks if part["adversarial"] == "always" else [("it works without adversarial examples", clean), *checks]


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
