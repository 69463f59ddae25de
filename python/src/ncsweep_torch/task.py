"""What is to be computed: the task document of the compute protocol (docs/compute-protocol.md), decoded.

Everything in it is resolved. Sizes of perturbations and steps are in pixel units.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.start import Start, read_start
from ncsweep_torch.network.layout import Pooling
from ncsweep_torch.network.node_network import NodeNetwork
from ncsweep_torch.network.nodes import read_nodes
from ncsweep_torch.network.parameters import read_parameters
from ncsweep_torch.network.training import BatchNormMode
from ncsweep_torch.refusal import RefusedError, one_of

Json = Mapping[str, Any]
SplitName = Literal["train", "test"]


@dataclass(frozen=True)
class Network:
    """A list of nodes, or the module of a plug-in with what is declared of it."""

    nodes: NodeNetwork
    module: Json | None


@dataclass(frozen=True)
class TrainingAttack:
    """PGD against the network as it is, in eval mode."""

    norm: Norm
    epsilon: float
    steps: int
    step_size: float
    start: Start
    objective: Literal["ce", "kl"]


@dataclass(frozen=True)
class Schedule:
    """Learning rates by step."""

    # (from step, rate), ascending; empty for a cosine.
    rates: tuple[tuple[int, float], ...]
    rate: float
    steps: int

    def at(self, step: int) -> float:
        """The rate of a step: that of the last entry at or before it, or half a cosine to 0."""
        if not self.rates:
            return self.rate * 0.5 * (1 + math.cos(math.pi * (step / self.steps)))
        return next(rate for start, rate in reversed(self.rates) if start <= step)


@dataclass(frozen=True)
class Training:
    """How a network is trained."""

    loss: str
    # The loss's own parameters, such as the weights of its terms; none for a plug-in's.
    terms: Mapping[str, float]
    # The part, identity and params of a plug-in's loss.
    plugged: Json | None
    # None: training on clean images.
    attack: TrainingAttack | None
    # Batch norm's mode in the pass of the update.
    batch_norm: BatchNormMode
    epochs: int
    batch_size: int
    steps_per_epoch: int
    # How often an epoch shows each example of a class [K]; empty: once.
    repeats: tuple[int, ...]
    momentum: float
    weight_decay: float
    schedule: Schedule


class SnapshotCell(NamedTuple):
    """A training at an epoch."""

    cell_id: str
    epoch: int
    step: int


@dataclass(frozen=True)
class TrainTask:
    """Snapshots of one training, by ascending epoch."""

    seed: int
    data: Json
    network: Network
    training: Training
    cells: tuple[SnapshotCell, ...]
    start_from: SnapshotCell | None
    checkpoint_every_ms: float


class View(NamedTuple):
    """A layer under one pooling."""

    layer: str
    pooling: Pooling

    @property
    def key(self) -> str:
        """Its name in means.safetensors, e.g. "conv1/flatten"."""
        return f"{self.layer}/{self.pooling}"


@dataclass(frozen=True)
class MeasuredView:
    """A view that is measured."""

    view: View
    # The first measured view with identical features, after which files are named.
    head: View
    # The same of all views, whose clean means an attack on its classifier uses.
    origin: View


LabelSource = Literal["labels", "predictions", "targets", "sideLabels"]
_LABEL_SOURCES: tuple[LabelSource, ...] = ("labels", "predictions", "targets", "sideLabels")


class LabelConvention(NamedTuple):
    """Labels by which class means are grouped, in 0..classes−1."""

    name: str
    source: LabelSource
    classes: int


class PluggedMetric(NamedTuple):
    """A metric of a plug-in; its part is the name of its records."""

    part: str
    identity: str
    of: Literal["layers", "last-layer", "logits"]
    returns: Literal["scalar", "classes", "matrix"]
    params: Json


class EvaluateCell(NamedTuple):
    """An evaluation at one budget."""

    cell_id: str
    epsilon: float
    step_size: float


@dataclass(frozen=True)
class ArrayRequest:
    """Files beside the results, and the keys of the views whose features are wanted."""

    folder: str
    features: frozenset[str]


@dataclass(frozen=True)
class Evaluation:
    """One snapshot under one attack on one split."""

    split: SplitName
    batch_size: int
    snapshot: str
    # Cell with the clean class means; None when the images are clean.
    clean: str | None
    # Its parameters, but for sizes.
    attack: Json
    views: tuple[MeasuredView, ...]
    labels: tuple[LabelConvention, ...]
    metrics: frozenset[str]
    plugged_metrics: tuple[PluggedMetric, ...]
    # Classes that are compared with the others.
    minority: tuple[int, ...]
    arrays: ArrayRequest | None


@dataclass(frozen=True)
class EvaluateTask:
    """The budgets of one evaluation, ascending."""

    seed: int
    data: Json
    network: Network
    evaluation: Evaluation
    cells: tuple[EvaluateCell, ...]


def read_task(document: Json, science: Mapping[str, int]) -> TrainTask | EvaluateTask:
    """Decodes a task. `science` names what this program implements, with its versions. Raises RefusedError."""
    try:
        if document["v"] != 1:
            raise RefusedError(f"the task has version {document['v']}; this program knows version 1")
        _check_science(document["science"], science)
        kind = one_of("kind", document["kind"], ("train", "evaluate"))
        return _read_training(document) if kind == "train" else _read_evaluation(document)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise RefusedError(f"the task cannot be read: {type(error).__name__} {error}") from error


def _check_science(asked: Mapping[str, int], known: Mapping[str, int]) -> None:
    unknown = [f"{name} {version}" for name, version in asked.items() if known.get(name) != version]
    if unknown:
        ours = "; ".join(f"{name} {known[name]}" for name in asked if name in known and known[name] != asked[name])
        raise RefusedError(
            f"the task needs {', '.join(unknown)}, which this program does not compute{f' ({ours})' if ours else ''}"
        )


def _read_network(network: Json) -> Network:
    nodes = NodeNetwork(read_nodes(network["nodes"]), read_parameters(network["parameters"]), network["layers"][-1]["name"])
    return Network(nodes, network.get("module"))


def _read_snapshot_cell(cell: Json) -> SnapshotCell:
    return SnapshotCell(cell["cellId"], cell["epoch"], cell["step"])


def _read_training(document: Json) -> TrainTask:
    training = document["training"]
    loss, attack = training["loss"], training["attack"]
    name = one_of("loss", loss["name"], ("ce", "trades", "mse", "spectral-decoupling", "plugin"))
    return TrainTask(
        seed=document["seed"],
        data=document["data"],
        network=_read_network(document["network"]),
        training=Training(
            loss=name,
            terms={} if name == "plugin" else {key: value for key, value in loss.items() if key != "name"},
            plugged=loss if name == "plugin" else None,
            attack=None if attack is None else _read_training_attack(attack),
            batch_norm=one_of("batchNorm", training["batchNorm"], ("train", "eval")),
            epochs=training["epochs"],
            batch_size=training["batchSize"],
            steps_per_epoch=training["stepsPerEpoch"],
            repeats=tuple(training.get("repeats", ())),
            momentum=training["momentum"],
            weight_decay=training["weightDecay"],
            schedule=_read_schedule(training["schedule"]),
        ),
        cells=tuple(_read_snapshot_cell(cell) for cell in document["cells"]),
        start_from=_read_snapshot_cell(document["startFrom"]) if document.get("startFrom") else None,
        checkpoint_every_ms=document["checkpointEveryMs"],
    )


def _read_training_attack(attack: Json) -> TrainingAttack:
    one_of("attack", attack["kind"], ("pgd",))
    return TrainingAttack(
        norm=one_of("norm", attack["norm"], ("linf", "l2")),
        epsilon=attack["epsilon"],
        steps=attack["steps"],
        step_size=attack["stepSize"],
        start=read_start(attack["start"]),
        objective=one_of("objective", attack["objective"], ("ce", "kl")),
    )


def _read_schedule(schedule: Json) -> Schedule:
    if one_of("schedule", schedule["kind"], ("steps", "cosine")) == "cosine":
        return Schedule((), schedule["rate"], schedule["steps"])
    return Schedule(tuple((each["from"], each["rate"]) for each in schedule["rates"]), 0, 0)


def _view_of(key: str) -> View:
    layer, _, pooling = key.rpartition("/")
    return View(layer, one_of("pooling", pooling, ("flatten", "gap")))


def _read_plugged_metric(metric: Json) -> PluggedMetric:
    return PluggedMetric(
        metric["part"],
        metric["identity"],
        one_of("of", metric["of"], ("layers", "last-layer", "logits")),
        one_of("returns", metric["returns"], ("scalar", "classes", "matrix")),
        metric["params"],
    )


def _read_evaluation(document: Json) -> EvaluateTask:
    evaluation = document["evaluation"]
    arrays = evaluation.get("arrays")
    return EvaluateTask(
        seed=document["seed"],
        data=document["data"],
        network=_read_network(document["network"]),
        evaluation=Evaluation(
            split=one_of("split", evaluation["split"], ("train", "test")),
            batch_size=evaluation["batchSize"],
            snapshot=evaluation["snapshot"],
            clean=evaluation.get("clean"),
            attack=evaluation["attack"],
            views=tuple(
                MeasuredView(_view_of(f"{view['layer']}/{view['pooling']}"), _view_of(view["head"]), _view_of(view["origin"]))
                for view in evaluation["views"]
            ),
            labels=tuple(
                LabelConvention(each["name"], one_of("labels", each["from"], _LABEL_SOURCES), each["classes"])
                for each in evaluation["labels"]
            ),
            metrics=frozenset(metric["name"] for metric in evaluation["metrics"]),
            plugged_metrics=tuple(_read_plugged_metric(each) for each in evaluation.get("pluginMetrics", ())),
            minority=tuple(evaluation.get("minority", ())),
            arrays=None if arrays is None else ArrayRequest(arrays["folder"], frozenset(arrays["features"])),
        ),
        cells=tuple(EvaluateCell(cell["cellId"], cell["epsilon"], cell.get("stepSize", math.nan)) for cell in document["cells"]),
    )
