"""Networks of plug-ins: modules of PyTorch under our training, attacks and metrics, beside PyTorch's own."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from ncsweep_torch.artifacts import decode_tensors, encode_tensors
from ncsweep_torch.attack.classifier import NearestMeanClassifier, NetworkClassifier
from ncsweep_torch.attack.objective import LogitObjective
from ncsweep_torch.attack.pgd import PgdOptions, pgd
from ncsweep_torch.network.layout import as_vectors, channels_last
from ncsweep_torch.network.module_layers import LayerSpec
from ncsweep_torch.network.module_network import ModuleNetwork, ModuleSpec
from ncsweep_torch.network.parameters import WeightsMismatchError
from ncsweep_torch.plugin.check import check_plugin
from ncsweep_torch.plugin.failure import PluginError
from ncsweep_torch.task import Schedule, Training
from ncsweep_torch.train.losses import LOSSES
from ncsweep_torch.train.trainer import Trainer, TrainingState

CPU = torch.device("cpu")
MEAN, STD = (0.4, 0.5), (0.2, 0.25)


class Small(nn.Module):
    """Overwrites features in place, draws in training, and has a parameter that is not trained and one that is not used."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 6, 3, padding=1)
        self.bn = nn.BatchNorm2d(6)
        self.act = nn.ReLU(inplace=True)
        self.mix = nn.Linear(6, 6)
        self.mix.bias.requires_grad_(False)
        self.spare = nn.Parameter(torch.ones(2))
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.bn(self.conv(x)))
        tokens = self.mix(x.flatten(2).transpose(1, 2))
        result: Tensor = self.head(self.drop(tokens.mean(1).view(x.size(0), -1)))
        return result


LAYERS = (LayerSpec("bn", "bn", (6, 4, 4)), LayerSpec("tokens", "mix", (16, 6)))
HEAD = LayerSpec("pooled", "head", (6,))


def spec_of(**changes: Any) -> ModuleSpec:  # noqa: ANN401
    given: dict[str, Any] = {"layers": LAYERS, "classifier": HEAD, "classes": 3, "normalisation": (MEAN, STD)}
    given |= changes
    return ModuleSpec("lab/small", given["classes"], (2, 4, 4), given["normalisation"], given["layers"], given["classifier"])


def made(build: Callable[[], object] = Small, seed: int = 3, **changes: Any) -> ModuleNetwork:  # noqa: ANN401
    return ModuleNetwork(spec_of(**changes), build, seed, CPU)


def images(count: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(4)
    return torch.rand(count, 4, 4, 2, generator=generator).permute(0, 3, 1, 2)


LABELS = torch.tensor([0, 1, 2, 2, 1, 0])


def plain(network: ModuleNetwork) -> Small:
    module = Small()
    module.load_state_dict(network.initial_weights(3))
    return module.eval()


def normal(x: Tensor) -> Tensor:
    mean, std = (torch.tensor(each).view(-1, 1, 1) for each in (MEAN, STD))
    return (x - mean) / std


def test_logits_and_layers_are_those_of_pytorch_also_where_later_code_overwrites_them() -> None:
    network = made()
    module = plain(network)
    logits, layers = network.frozen(network.initial_weights(3)).features(images())
    x = normal(images())
    bn = module.bn(module.conv(x))
    tokens = module.mix(F.relu(bn).flatten(2).transpose(1, 2))
    assert torch.allclose(logits, module(x), atol=1e-6)
    assert list(layers) == ["input", "bn", "tokens", "pooled"]
    assert torch.allclose(layers["bn"], bn, atol=1e-6)
    assert torch.allclose(as_vectors(layers["tokens"], "gap"), tokens.mean(1), atol=1e-6)
    assert torch.allclose(as_vectors(layers["tokens"], "flatten"), tokens.flatten(1), atol=1e-6)
    assert torch.allclose(layers["pooled"], tokens.mean(1), atol=1e-6)
    assert torch.equal(layers["input"], images())
    assert torch.equal(network.classifier(network.initial_weights(3)), module.head.weight)


def test_pgd_against_the_network_and_against_each_layer() -> None:
    network = made()
    module, frozen = plain(network), network.frozen(network.initial_weights(3))
    one_hot = F.one_hot(LABELS, 3).to(torch.float32)
    found = pgd(LogitObjective(NetworkClassifier(frozen)), images(), one_hot, PgdOptions("linf", 0.1, 0.03, 5))
    x = images()
    for _ in range(5):
        x = x.detach().requires_grad_()
        gradient = torch.autograd.grad(F.cross_entropy(module(normal(x)), LABELS, reduction="sum"), x)[0]
        x = torch.minimum(torch.maximum(x + 0.03 * gradient.sign(), images() - 0.1), images() + 0.1).clamp(0, 1)
    assert torch.allclose(found, x, atol=1e-6)
    _, layers = frozen.features(images())
    for layer, pooling in (("input", "flatten"), ("bn", "gap"), ("tokens", "flatten"), ("pooled", "flatten")):
        vectors = as_vectors(layers[layer], pooling)  # type: ignore[arg-type]
        means = torch.stack([vectors[label == LABELS].mean(0) for label in range(3)]).double().numpy()
        classifier = NearestMeanClassifier(frozen, layer, pooling, means, CPU)  # type: ignore[arg-type]
        moved = pgd(LogitObjective(classifier), images(), one_hot, PgdOptions("linf", 0.1, 0.03, 5))
        objective = LogitObjective(classifier)
        assert float(objective.loss(moved, one_hot).sum()) > float(objective.loss(images(), one_hot).sum()), layer


def trainer_of(network: ModuleNetwork, state: TrainingState, batch_norm: str = "train") -> Trainer:
    schedule = Schedule(((0, 0.05),), 0, 0)
    training = Training("ce", {}, None, None, batch_norm, 1, 6, 1, (), 0.9, 0.01, schedule)  # type: ignore[arg-type]
    return Trainer(network, training, 3, (4, 4, 2), state, CPU, LOSSES["ce"])


def steps(trainer: Trainer, count: int) -> Trainer:
    for _ in range(count):
        trainer.step(images(), F.one_hot(LABELS, 3).to(torch.float32), torch.arange(6))
    return trainer


def test_training_is_that_of_torch_optim_with_running_statistics_and_leaves_frozen_parameters() -> None:
    network = made()
    module = plain(network).train()
    optimizer = torch.optim.SGD(
        [each for each in module.parameters() if each.requires_grad], lr=0.05, momentum=0.9, weight_decay=0.01
    )
    for _ in range(3):
        optimizer.zero_grad()
        loss = F.cross_entropy(module(normal(images())), LABELS) + 0 * module.spare.sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    found = steps(trainer_of(network, TrainingState(0, network.initial_weights(3))), 3).weights()
    expected = module.state_dict()
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.allclose(found[name].to(tensor.dtype), tensor, atol=1e-6), name
    assert int(found["bn.num_batches_tracked"]) == 3
    assert torch.equal(found["mix.bias"], network.initial_weights(3)["mix.bias"])


def test_batch_norm_may_stay_in_mode_eval_and_evaluation_changes_nothing() -> None:
    network = made()
    initial = network.initial_weights(3)
    found = steps(trainer_of(network, TrainingState(0, network.initial_weights(3)), "eval"), 2).weights()
    assert torch.equal(found["bn.running_mean"], initial["bn.running_mean"])
    assert not torch.equal(found["bn.weight"], initial["bn.weight"])
    network.frozen(initial).features(images())
    assert torch.equal(initial["bn.running_mean"], network.initial_weights(3)["bn.running_mean"])


def test_a_training_that_draws_resumes_bit_for_bit() -> None:
    def network() -> ModuleNetwork:
        return made(lambda: Small(0.5))

    whole = steps(trainer_of(network(), TrainingState(0, network().initial_weights(3))), 4)
    half = steps(trainer_of(network(), TrainingState(0, network().initial_weights(3))), 2)
    other = network()
    state, momentum = (decode_tensors(encode_tensors(each), "") for each in (half.weights(), half.velocity()))
    resumed = steps(trainer_of(other, TrainingState(2, other.check_weights(state), momentum)), 2)
    assert encode_tensors(resumed.weights()) == encode_tensors(whole.weights())
    assert encode_tensors(resumed.velocity()) == encode_tensors(whole.velocity())


def test_initial_values_follow_from_the_seed_and_leave_the_generator() -> None:
    before = torch.get_rng_state()
    a, b, c = made(seed=1), made(seed=1), made(seed=2)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(a.initial_weights(1)["head.weight"], b.initial_weights(1)["head.weight"])
    assert not torch.equal(a.initial_weights(1)["head.weight"], c.initial_weights(2)["head.weight"])


def test_a_checkpoint_as_robustbench_publishes_them(tmp_path: Path) -> None:
    network = made()
    theirs = Small()
    prefixed = {f"module.{name}": tensor for name, tensor in theirs.state_dict().items()}
    torch.save({"state_dict": prefixed, "epoch": 199}, tmp_path / "model.pt")
    # docs/weights.md
    state = torch.load(tmp_path / "model.pt", map_location="cpu", weights_only=True)
    state = state.get("state_dict", state)
    content = save_tensors({name.removeprefix("module."): tensor.contiguous().clone() for name, tensor in state.items()})
    weights = network.check_weights(load_tensors(content))
    assert torch.allclose(network.frozen(weights)(images()), theirs.eval()(normal(images())), atol=1e-6)
    with pytest.raises(WeightsMismatchError, match=r"0 of \d+ parameters match .*conv\.weight is missing"):
        network.check_weights(prefixed)


class Tied(Small):
    def __init__(self) -> None:
        super().__init__()
        self.twin = nn.Linear(6, 3)
        self.twin.weight = self.head.weight


def test_tied_parameters_are_stored_once_and_files_may_hold_both() -> None:
    network = made(Tied)
    assert "twin.weight" not in network.initial_weights(3)
    assert network.check_weights(Tied().state_dict()).keys() == network.initial_weights(3).keys()


class Scaled(Small):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) / 2


class Twice(Small):
    def forward(self, x: Tensor) -> Tensor:
        self.bn(self.conv(x))
        return super().forward(x)


class Drawing(Small):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x + torch.randn_like(x))


class Infinite(Small):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) / 0


@pytest.mark.parametrize(
    ("build", "changes", "message"),
    [
        (lambda: 1, {}, r"lab/small returned int; expected a torch\.nn\.Module"),
        (lambda: Small().double(), {}, r"spare is torch\.float64; expected torch\.float32"),
        (Small, {"layers": (LayerSpec("x", "body.0", (6, 4, 4)),)}, r"no module body\.0, .* layer x\. Its modules are conv, bn"),
        (Small, {"layers": (LayerSpec("bn", "bn", (6, 2, 2)),)}, r"layer bn \(module bn\) is \[6, 4, 4\] .* says \[6, 2, 2\]"),
        (Small, {"layers": (LayerSpec("t", "mix", (6, 16)),)}, r"layer t \(module mix\) is \[16, 6\] .* says \[6, 16\]"),
        (Small, {"classes": 4}, "head is Linear.*expected the linear classifier.*with 4 outputs"),
        (Small, {"classifier": LayerSpec("p", "conv", (6,))}, "conv is Conv2d.*expected the linear classifier"),
        (Small, {"layers": (LayerSpec("d", "spare", (6,)),)}, "no module spare"),
        (Scaled, {}, "the logits are not what head returns"),
        (Twice, {}, "module bn of the layer bn ran 2 times in a pass"),
        (Drawing, {}, "drew from PyTorch's generator"),
        (Infinite, {}, "logits that are not finite"),
        (lambda: 1 / 0, {}, "lab/small: ZeroDivisionError"),
    ],
)
def test_a_network_that_is_not_what_was_declared_is_refused_before_anything_is_computed(
    build: Callable[[], object], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(PluginError, match=message):
        made(build, **changes)


EXAMPLE = Path(__file__).parents[2] / "sweeps" / "plug-ins" / "networks" / "networks.py"
PART: dict[str, Any] = {
    "kind": "architecture",
    "name": "resnet",
    "python": "networks.py:resnet",
    "image": [1, 8, 8],
    "pixels": "normalised",
    "params": {"width": {"type": "integer", "minimum": 1, "default": 4}},
    "layers": [
        {"name": "stem", "module": "stem", "shape": ["width", 8, 8]},
        {"name": "block", "module": "block", "shape": ["width", 4, 4]},
    ],
    "classifier": {"module": "fc", "layer": "pooled", "inputs": "width"},
    "multiply_adds": ["width", "width", 416],
}


def rows_of(code: str, **changes: object) -> dict[str, str | None]:
    entry = {"identity": hashlib.sha256(code.encode()).hexdigest(), "files": {"networks.py": code}}
    manifest = {"plugin": "networks", "requires": [], "parts": [PART | changes]}
    return {row.check: row.problem for row in check_plugin(entry | {"manifest": manifest})}


def test_the_checks_for_authors_pass_the_example_and_find_what_was_overlooked() -> None:
    code = EXAMPLE.read_text(encoding="utf-8")
    assert [problem for problem in rows_of(code).values() if problem is not None] == []
    assert "multiply-adds; multiply_adds says 5" in str(
        rows_of(code, multiply_adds=5)["it takes as many multiply-adds as declared, within a factor of 2"]
    )
    fixed = code.replace("super().__init__()", "super().__init__()\n        torch.manual_seed(0)")
    assert "the same initial values" in str(rows_of(fixed)["its initial values follow from the seed"])
    batch = code.replace("return self.fc(", "x = x - x.mean(0, keepdim=True) + 1\n        return self.fc(")
    assert "in another batch" in str(rows_of(batch)["an image does not depend on its batch"])
    blind = code.replace("return self.fc(", "x = x.detach()\n        return self.fc(")
    assert rows_of(blind)["its gradient reaches the images"] is not None
    assert channels_last(images()).is_contiguous()
