"""Plug-ins: how their code is loaded, what they are given, and what is said of those that are wrong."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ncsweep_torch.attack.classifier import NetworkClassifier
from ncsweep_torch.attack.draws import normal_draws, uniform_draws
from ncsweep_torch.attack.objective import LogitObjective
from ncsweep_torch.evaluate.attack import Attacked
from ncsweep_torch.evaluate.plugged_attack import plugged_attack
from ncsweep_torch.network.frozen import FrozenNetwork
from ncsweep_torch.network.nodes import read_nodes
from ncsweep_torch.plugin.archive import Archive
from ncsweep_torch.plugin.check import check_plugin
from ncsweep_torch.plugin.failure import PluginError
from ncsweep_torch.plugin.loader import Plugins, read_plugins
from ncsweep_torch.plugin.loss import LossBatch, loss_of
from ncsweep_torch.refusal import RefusedError

IDENTITY = "a" * 64


def plugins_of(
    files: dict[str, str], requires: tuple[str, ...] = (), identity: str = IDENTITY, code: str | None = None
) -> Plugins:
    parts = {("attack", "moved"): ("moved.py", "moved"), ("loss", "sum"): ("moved.py", "total")}
    return Plugins([Archive(identity, code or identity, "lab", requires, parts, files)])


@pytest.fixture(autouse=True)
def forget() -> None:
    """Other files of one identity would not be imported again."""
    sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != "_ArchiveFinder"]
    for name in [name for name in sys.modules if name.startswith("ncsweep_plugin_")]:
        del sys.modules[name]


def attacked(indices: Tensor) -> Attacked:
    images = torch.arange(4 * 8, dtype=torch.float32).view(4, 2, 2, 2)[indices] / 32
    nodes = read_nodes([{"kind": "flatten"}, {"kind": "dense", "name": "classifier", "inputs": 8, "outputs": 3}])
    weights = {
        "classifier.weight": torch.linspace(-1, 1, 24).view(3, 8),
        "classifier.bias": torch.zeros(3),
    }
    goals = torch.eye(3)[indices % 3]
    network = LogitObjective(NetworkClassifier(FrozenNetwork(nodes, weights)))
    return Attacked(images, goals, indices, network, 5, lambda what: f"attack/test/{what}", (2, 2, 2))


def perturb(code: str, indices: Tensor | None = None, norm: str = "linf", **values: object) -> Tensor:
    plugins = plugins_of({"moved.py": f"import torch\n{code}"})
    params = {"part": "lab/moved", "identity": IDENTITY, "norm": norm, "climbs": "network", "params": values}
    attack = plugged_attack(params, plugins).perturb
    assert attack is not None
    return attack(0.25, float("nan"), attacked(torch.arange(4) if indices is None else indices))


def test_other_code_of_one_declared_science_is_imported_anew() -> None:
    found = [
        plugins_of({"moved.py": f"def moved(): return {code!r}"}, code=code * 64).function("attack", "lab/moved", IDENTITY)()
        for code in "bcb"
    ]
    assert found == ["b", "c", "b"]


FGSM = """
def moved(batch, times=1.0):
    step = batch.epsilon * batch.ascent(batch.gradient(batch.images))
    return batch.project(batch.images + times * step)
"""


def test_an_attack_gets_images_a_gradient_and_its_parameters() -> None:
    batch = attacked(torch.arange(4))
    gradient = batch.objective.gradient(batch.images, batch.goals)
    for times in (0.5, 1.0):
        expected = (batch.images + times * 0.25 * gradient.sign()).clamp(0, 1)
        assert torch.equal(perturb(FGSM, times=times), expected)


def test_draws_belong_to_images_and_purposes() -> None:
    noise = "def moved(batch):\n    return batch.project(batch.images + batch.normal('a') * 0.01 + batch.uniform('b') * 0.01)\n"
    whole = perturb(noise)
    assert torch.equal(perturb(noise, torch.tensor([2, 1])), whole[[2, 1]])
    batch = attacked(torch.arange(4))
    normal = normal_draws(5, "attack/test/plugin/a", batch.indices, batch.image)
    uniform = uniform_draws(5, "attack/test/plugin/b", batch.indices, batch.image)
    assert torch.equal(whole, (batch.images + normal * 0.01 + uniform * 0.01).clamp(0, 1))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return batch.images + 0.3", r"lab/moved moved an image by 0\.3 in linf; its budget is 0\.25"),
        ("return batch.images - 0.2", r"returned pixels from -0\.2 to .*expected 0 to 1"),
        ("return batch.images[:2]", r"returned torch\.float32 \[2, 2, 2, 2\]; expected torch\.float32 \[4, 2, 2, 2\]"),
        ("return batch.images.double()", r"returned torch\.float64"),
        ("return batch.images * float('nan')", "images that are not finite"),
        ("return None", r"returned NoneType; expected the perturbed images, a tensor \[4, 2, 2, 2\]"),
        ("return batch.images + torch.rand(1) * 0", "drew from PyTorch's generator.*uniform and normal"),
        ("return batch.nothing", "lab/moved: AttributeError: 'AttackBatch' object has no attribute 'nothing'"),
    ],
)
def test_an_attack_that_breaks_its_promise_is_named(body: str, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        perturb(f"def moved(batch):\n    {body}\n")


def test_files_import_each_other_and_nothing_of_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "helper.py").write_text("VALUE = 1")
    monkeypatch.chdir(tmp_path)
    files = {"moved.py": "from .deep.values import VALUE\ndef moved(): return VALUE\n", "deep/values.py": "VALUE = 7\n"}
    assert plugins_of(files).function("attack", "lab/moved", IDENTITY)() == 7
    other = "b" * 64
    with pytest.raises(
        PluginError, match=r"importing moved\.py: ModuleNotFoundError: No module named 'helper'.*own folder and installed"
    ):
        plugins_of({"moved.py": "import helper\n"}, identity=other).function("attack", "lab/moved", other)
    third = "c" * 64
    with pytest.raises(PluginError, match=r"Remedy: files of a plug-in import each other as in `from \. import values`"):
        plugins_of({"moved.py": "import values\n", "values.py": ""}, identity=third).function("attack", "lab/moved", third)


def test_code_that_cannot_be_used_is_said_before_anything_is_computed() -> None:
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: plugins_of({"moved.py": "x = ("}, identity="d" * 64).function("attack", "lab/moved", "d" * 64), "SyntaxError"),
        (lambda: plugins_of({"moved.py": ""}).function("attack", "lab/moved", IDENTITY), "moved.py has no function moved"),
        (
            lambda: plugins_of({"moved.py": ""}, ("no-such-package",), "e" * 64).function("attack", "lab/moved", "e" * 64),
            "needs no-such-package, which is not installed",
        ),
    ]
    for use, message in wrong:
        with pytest.raises(PluginError, match=message):
            use()
    with pytest.raises(RefusedError, match="names the loss lab/moved, which is in none of its plug-ins"):
        plugins_of({}).function("loss", "lab/moved", IDENTITY)
    with pytest.raises(RefusedError, match="the plug-ins of the task cannot be read: KeyError"):
        read_plugins([{"identity": IDENTITY}])


def test_tracebacks_show_the_code_of_the_plugin() -> None:
    with pytest.raises(PluginError) as caught:
        perturb("def moved(batch):\n    return 1 / 0  # here\n")
    import traceback  # noqa: PLC0415

    text = "".join(traceback.format_exception(caught.value))
    assert '"<plug-in lab>/moved.py", line 3' in text
    assert "return 1 / 0  # here" in text


def test_losses() -> None:
    weight = torch.ones(2, 3, requires_grad=True)
    images = torch.rand(4, 2, 1, 1, generator=torch.Generator().manual_seed(1))
    batch = LossBatch(images, torch.tensor([0, 1, 2, 0]), None, lambda x: x.flatten(1) @ weight)
    found = loss_of("lab/sum", lambda given: given.logits(given.images).square().mean(), batch)
    assert torch.equal(found.logits, (images.flatten(1) @ weight).detach())
    assert float(found.value.detach()) == pytest.approx(float(found.logits.square().mean()))
    wrong: list[tuple[Callable[[LossBatch], object], str]] = [
        (lambda given: given.logits(given.images), r"returned torch\.float32 \[4, 3\]; expected the mean loss"),
        (lambda given: given.images.mean(), "does not depend on the network"),
        (lambda _: 1.0, "returned float"),
        (lambda given: given.logits(given.images + torch.randn(1)).mean(), "drew from PyTorch's generator"),
    ]
    for loss, message in wrong:
        with pytest.raises(PluginError, match=message):
            loss_of("lab/sum", loss, batch)


EXAMPLE = Path(__file__).parents[2] / "sweeps" / "plug-ins" / "robust"


def entry_of(**changes: str) -> dict[str, object]:
    files = {"attacks.py": (EXAMPLE / "attacks.py").read_text(), "losses.py": (EXAMPLE / "losses.py").read_text()} | changes
    steps = {"type": "integer", "minimum": 1, "default": 3}
    attack = {"kind": "attack", "name": "mi-fgsm", "python": "attacks.py:mi_fgsm", "norm": "linf", "gradients": "steps"}
    loss = {"kind": "loss", "name": "mart", "python": "losses.py:mart", "adversarial": "always", "passes": 2}
    parts = [
        attack | {"params": {"steps": steps, "decay": {"type": "number", "default": 1}}},
        loss | {"params": {"beta": {"type": "number", "minimum": 2}}},
    ]
    identity = hashlib.sha256(repr(changes).encode()).hexdigest()
    return {"identity": identity, "manifest": {"plugin": "robust", "requires": [], "parts": parts}, "files": files}


def test_the_example_passes_the_checks_for_authors() -> None:
    rows = list(check_plugin(entry_of()))
    assert [row for row in rows if row.problem is not None] == []
    assert len(rows) == 9


@pytest.mark.parametrize(
    ("code", "check", "problem"),
    [
        (
            "mean = batch.images.mean(0)\n    return batch.project(batch.images + 0.01 * (mean - 0.5).sign())",
            "does not depend on its batch",
            "others",
        ),
        ("return batch.images + 0.1", "within the budget", "its budget is 0"),
        ("for _ in range(steps + 1): batch.gradient(batch.images)\n    return batch.images", "no more gradients", "4 gradients"),
        ("calls.append(1)\n    return batch.project(batch.images + 0.01 * (len(calls) % 2))", "repeats itself", "other images"),
    ],
)
def test_the_checks_find_what_an_author_overlooked(code: str, check: str, problem: str) -> None:
    text = f"calls = []\ndef mi_fgsm(batch, steps, decay):\n    {code}\n"
    rows = [row for row in check_plugin(entry_of(**{"attacks.py": text})) if row.problem is not None]
    assert any(check in row.check and problem in str(row.problem) for row in rows), rows


def test_the_checks_find_a_loss_whose_gradient_is_not_its_own() -> None:
    text = """
def mart(batch, beta):
    size = batch.logits(batch.images).square().mean()
    return size - size.detach() * 0.5
"""
    rows = [row for row in check_plugin(entry_of(**{"losses.py": text})) if row.problem is not None]
    assert [(row.part, row.check) for row in rows] == [("robust/mart", "its gradient is that of finite differences")]
