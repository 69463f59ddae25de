"""Networks, gradients, attacks and updates equal PyTorch's modules, autograd and torchattacks in float64 (worker/pytorch/make_fixtures.py)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import FIXTURES
from safetensors.torch import load_file
from torch import Tensor

from ncsweep_torch.attack.classifier import NearestMeanClassifier, NetworkClassifier
from ncsweep_torch.attack.objective import DivergenceObjective, LogitObjective
from ncsweep_torch.attack.pgd import PgdOptions, add_scaled, fgsm_direction, pgd
from ncsweep_torch.network.frozen import FrozenNetwork
from ncsweep_torch.network.layout import as_vectors, channels_first
from ncsweep_torch.network.max_pool import FirstMaximum
from ncsweep_torch.network.node_network import NodeNetwork as Network
from ncsweep_torch.network.nodes import BatchNorm, read_nodes
from ncsweep_torch.network.parameters import read_parameters
from ncsweep_torch.network.training import training_logits
from ncsweep_torch.task import Schedule, Training
from ncsweep_torch.train.losses import LOSSES, Batch
from ncsweep_torch.train.trainer import Trainer, TrainingState

CPU = torch.device("cpu")
EPSILON, STEP, STEPS, CLASSES = 8 / 255, 2 / 255, 10, 3


class Case:
    """A network of the fixtures with softplus, so that no kink hides an error."""

    def __init__(self, name: str) -> None:
        document: dict[str, Any] = json.loads((FIXTURES / "networks.json").read_text())[name]
        self.network = Network(
            read_nodes(document["nodes"]), read_parameters(document["parameters"]), document["layers"][-1]["name"]
        )
        self.tensors = load_file(Path(__file__).parents[2] / "worker" / "pytorch" / f"{name}.safetensors")
        self.weights = {spec.name: self.tensors[f"weights/{spec.name}"].clone() for spec in self.network.parameters}
        self.images = self.nchw("images")
        self.one_hot = F.one_hot(self.tensors["labels"].long(), CLASSES).float()
        self.frozen = FrozenNetwork(self.network.nodes, self.weights)

    def nchw(self, name: str) -> Tensor:
        return channels_first(self.tensors[name])

    def group(self, name: str) -> dict[str, Tensor]:
        return {key.removeprefix(f"{name}/"): value for key, value in self.tensors.items() if key.startswith(f"{name}/")}

    def gradients(self, loss: str, perturbed: Tensor | None) -> dict[str, Tensor]:
        names = [spec.name for spec in self.network.parameters if spec.trainable]
        weights = {name: tensor.clone().requires_grad_(name in names) for name, tensor in self.weights.items()}
        done = LOSSES[loss](
            lambda x: training_logits(self.network.nodes, x, weights, "train"),
            Batch(self.images, self.one_hot, perturbed),
            {"beta": 6.0},
        )
        found = torch.autograd.grad(done.outputs, [weights[name] for name in names], done.gradients)
        self.after = weights
        return dict(zip(names, found, strict=True))


@pytest.fixture(params=["mlp", "convnet", "vgg11-bn", "preact-resnet18"], scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def assert_near(found: Tensor, expected: Tensor, tolerance: float = 1e-4) -> None:
    """Relative to the largest entry."""
    assert found.shape == expected.shape
    assert float((found - expected).abs().max() / expected.abs().max()) < tolerance


def assert_groups_near(found: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float = 1e-4) -> None:
    """Relative to the largest entry of all, because single tensors may be nearly zero: a bias that batch norm cancels."""
    assert found.keys() == expected.keys()
    largest = max([float(each.abs().max()) for each in expected.values()], default=1.0)
    for name, each in expected.items():
        assert float((found[name] - each).abs().max()) / largest < tolerance, name


def test_logits_and_features_in_eval_mode(case: Case) -> None:
    logits, layers = case.frozen.features(case.images)
    assert_near(logits, case.tensors["eval_logits"])
    expected = case.group("layers")
    assert {*layers} == {"input", *expected}
    for name, each in expected.items():
        assert_near(as_vectors(layers[name], "gap"), each)


def test_the_fixed_batch_norm_of_training_is_that_of_evaluation(case: Case) -> None:
    logits = training_logits(case.network.nodes, case.images, case.weights, "eval")
    assert_near(logits, case.tensors["eval_logits"])


def test_input_gradients(case: Case) -> None:
    assert_near(LogitObjective(NetworkClassifier(case.frozen)).gradient(case.images, case.one_hot), case.nchw("input_gradient"))
    second = case.frozen.layers[2]  # after the input and the first
    means = case.tensors["ncc_means"].double().numpy()
    objective = LogitObjective(NearestMeanClassifier(case.frozen, second, "flatten", means, CPU))
    assert_near(objective.gradient(case.images, case.one_hot), case.nchw("ncc_gradient"))


def test_attacks(case: Case) -> None:
    objective = LogitObjective(NetworkClassifier(case.frozen))
    direction = fgsm_direction(objective, case.images, case.one_hot, targeted=False)
    assert_near(add_scaled(case.images, direction, EPSILON), case.nchw("fgsm"))
    start = case.nchw("start") * EPSILON
    linf = PgdOptions("linf", EPSILON, STEP, STEPS, start=lambda _: start)
    assert_near(pgd(objective, case.images, case.one_hot, linf), case.nchw("pgd_linf"))
    l2 = PgdOptions("l2", 128 / 255, 15 / 255, STEPS)
    assert_near(pgd(objective, case.images, case.one_hot, l2), case.nchw("pgd_l2"))
    targeted = PgdOptions("linf", EPSILON, STEP, STEPS, targeted=True)
    assert_near(pgd(objective, case.images, case.one_hot.roll(1, 1), targeted), case.nchw("pgd_targeted"))


def test_weight_gradients_and_running_statistics(case: Case) -> None:
    assert_groups_near(case.gradients("ce", None), case.group("train_gradients"))
    assert_groups_near({name: case.after[name] for name in case.group("running")}, case.group("running"))
    assert_groups_near(case.gradients("trades", case.nchw("pgd_linf")), case.group("trades_gradients"))


def test_updates(case: Case) -> None:
    training = Training("ce", {}, None, None, "train", 1, 5, 3, (), 0.9, 0.05, Schedule(((0, 0.1),), 0, 0))
    trainer = Trainer(case.network, training, 1, (16, 16, 3), TrainingState(0, case.weights), CPU, LOSSES["ce"])
    for _ in range(3):
        trainer.step(case.images, case.one_hot, torch.arange(5))
    assert_groups_near(trainer.weights(), case.group("after_sgd"), 1e-3)


def test_gradients_of_a_confident_network_do_not_vanish() -> None:
    case = Case("mlp")
    confident = dict(case.weights) | {"classifier.bias": torch.tensor([80.0, 0.0, 0.0])}
    objective = LogitObjective(NetworkClassifier(FrozenNetwork(case.network.nodes, confident)))
    goal = torch.tensor([[1.0, 0.0, 0.0]]).expand(5, 3)
    assert (objective.gradient(case.images, goal).abs().amax((1, 2, 3)) > 0).all()


def test_the_divergence_objective_has_the_gradient_of_autograd() -> None:
    case = Case("convnet")
    moved = (case.images + 0.03 * torch.sign(case.images - 0.5)).clamp(0, 1).requires_grad_()
    divergence = F.kl_div(F.log_softmax(case.frozen(moved), 1), F.softmax(case.frozen(case.images), 1), reduction="sum")
    (expected,) = torch.autograd.grad(divergence, moved)
    assert_near(DivergenceObjective(case.frozen, case.images).gradient(moved.detach(), case.one_hot), expected, 1e-3)


@pytest.mark.parametrize("size", [(4, 6), (5, 7)])
def test_max_pooling_on_a_gpu_is_that_of_the_cpu(size: tuple[int, int]) -> None:
    # Whole numbers, so that windows have ties.
    x = torch.randint(0, 3, (2, 3, *size), generator=torch.Generator().manual_seed(1)).float().requires_grad_()
    dy = torch.randn(2, 3, size[0] // 2, size[1] // 2, generator=torch.Generator().manual_seed(2))
    ours, theirs = FirstMaximum.apply(x), F.max_pool2d(x, 2)
    assert torch.equal(ours, theirs)
    assert torch.equal(torch.autograd.grad(ours, x, dy)[0], torch.autograd.grad(theirs, x, dy)[0])


def test_running_variance_of_a_single_value_takes_no_nan() -> None:
    weights = {
        f"bn.{name}": torch.full((2,), value)
        for name, value in (("weight", 2.0), ("bias", 0.5), ("running_mean", 1.0), ("running_var", 3.0))
    }
    y = training_logits((BatchNorm("bn", 2),), torch.tensor([5.0, -1.0]).view(1, 2, 1, 1), weights, "train")
    np.testing.assert_allclose(y.flatten(), [0.5, 0.5], atol=1e-3)  # x − μ is 0 to rounding, divided by √1e-5
    np.testing.assert_allclose(weights["bn.running_mean"], [1.4, 0.8], rtol=1e-6)
    np.testing.assert_allclose(weights["bn.running_var"], [2.7, 2.7], rtol=1e-6)
