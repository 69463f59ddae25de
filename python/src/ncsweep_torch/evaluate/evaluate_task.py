"""Runs an evaluation task: one snapshot × one attack × one split. Each budget's cell is committed once it is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ncsweep_torch.artifacts import (
    MEANS_FILE,
    METRICS_FILE,
    STANDING_FILE,
    WEIGHTS_FILE,
    decode_means,
    decode_tensors,
    encode_means,
    encode_metrics,
    encode_tensors,
)
from ncsweep_torch.attack.classifier import NetworkClassifier
from ncsweep_torch.collapse.class_means import Means
from ncsweep_torch.collapse.records import MetricRecord
from ncsweep_torch.data.dataset import Dataset
from ncsweep_torch.evaluate.adaptive import AdaptiveOptions, measure_adaptive
from ncsweep_torch.evaluate.array_folder import ArrayFolder, Through, straight
from ncsweep_torch.evaluate.attack import Attack
from ncsweep_torch.evaluate.attacks import read_attack
from ncsweep_torch.evaluate.batch_cache import BatchCache
from ncsweep_torch.evaluate.batches import Batches, Source, clean_batches, network_features
from ncsweep_torch.evaluate.measure import Measurement, MeasureOptions, MetricLine, measure
from ncsweep_torch.evaluate.perturb import Perturber
from ncsweep_torch.evaluate.plugged_metrics import LoadedMetric, load_metrics, measure_plugged
from ncsweep_torch.failure import TaskFailureError
from ncsweep_torch.network.model import Model
from ncsweep_torch.network.open_network import open_network
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.task import EvaluateCell, EvaluateTask, View
from ncsweep_torch.task_io import Outcome, TaskIo


def evaluate(task: EvaluateTask, dataset: Dataset, io: TaskIo, device: torch.device, plugins: Plugins) -> None:
    """Raises TaskFailureError, BadDataError, WeightsMismatchError, NonFiniteFeaturesError, PluginError."""
    pending = [cell for cell in task.cells if not io.is_settled(cell.cell_id)]
    if not pending:
        return
    attack = read_attack(task.evaluation.attack, plugins)
    metrics = load_metrics(task.evaluation.plugged_metrics, plugins)
    network = open_network(task, dataset.image, dataset.classes, plugins, device)
    run = _EvaluationRun(task, network, dataset, io, device, pending[0].cell_id, metrics)
    if attack is None:
        run.clean(pending)
    elif attack.climbs == "each layer":
        run.adaptive(pending, attack)
    else:
        run.perturbed(pending, attack)


class _EvaluationRun:
    def __init__(
        self,
        task: EvaluateTask,
        network: Model,
        dataset: Dataset,
        io: TaskIo,
        device: torch.device,
        first_cell: str,
        metrics: Sequence[LoadedMetric],
    ) -> None:
        self._evaluation, self._io, self._plugged = task.evaluation, io, metrics
        content = io.read_artifact(task.evaluation.snapshot, WEIGHTS_FILE)
        weights = network.check_weights(decode_tensors(content, WEIGHTS_FILE))
        self._state = weights
        self._last_layer, self._classifier = network.last_layer, network.classifier(weights).numpy().astype(np.float64)
        self._network = network.frozen({name: tensor.to(device) for name, tensor in weights.items()})
        self._views = [each.view for each in task.evaluation.views]

        def pulse() -> None:
            if io.wants_abort:
                raise TaskFailureError("disruption", "given back", cell_id=first_cell)

        evaluation, split = task.evaluation, dataset.split(task.evaluation.split)
        self._source = Source(evaluation.split, split, dataset.classes, dataset.image, evaluation.batch_size, task.seed, pulse)

    def clean(self, cells: Sequence[EvaluateCell]) -> None:
        """Clean images; also stores their class means."""
        for cell in cells:
            started_ms = self._io.now_ms()
            found = self._measured(lambda: clean_batches(self._source), self._through(cell), None)
            scalars = {"accuracy": found.accuracy, "loss": found.loss}
            self._commit(cell, found.lines, {MEANS_FILE: encode_means(found.means)}, scalars, False, started_ms)

    def perturbed(self, cells: Sequence[EvaluateCell], attack: Attack) -> None:
        """Images that are perturbed against the network's own loss, or by noise."""
        clean_means = self._clean_means()
        perturber = Perturber(attack, NetworkClassifier(self._network), self._source)
        # Taken at the clean images, so it does not depend on the budget.
        share = {"zero_gradient_share": perturber.zero_gradient_share()} if attack.climbs == "network" else {}
        for cell in cells:
            started_ms = self._io.now_ms()
            with BatchCache() as kept:
                batches = perturber.batches(cell, kept)
                found = self._measured(batches, self._through(cell), clean_means)
                standing = batches.standing()
            scalars = {"accuracy": found.accuracy, "loss": found.loss, **batches.facts().scalars(), **share}
            if standing is None:
                self._commit(cell, found.lines, {}, scalars, True, started_ms)
                continue
            # The images measured are those of the first stage; the network's accuracy is against all of them.
            robust = float(standing.double().mean())
            content = {STANDING_FILE: encode_tensors({"standing": standing.float()})}
            lines = [_with_accuracy(line, robust) for line in found.lines]
            self._commit(cell, lines, content, {**scalars, "accuracy": robust}, True, started_ms)
        perturber.close()

    def adaptive(self, cells: Sequence[EvaluateCell], attack: Attack) -> None:
        """Each view's own nearest-mean classifier under an attack on it."""
        clean_means, zero_shares = self._clean_means(), dict[View, float]()
        for cell in cells:
            started_ms = self._io.now_ms()
            through = self._through(cell)
            options = AdaptiveOptions(attack, self._network, self._evaluation.views, clean_means, through, zero_shares)
            lines, facts = measure_adaptive(cell, self._source, options)
            scalars = {**facts.scalars(), "zero_gradient_share": max(zero_shares.values())}
            self._commit(cell, self._wanted(lines), {}, scalars, True, started_ms)

    def _measured(self, batches: Batches, through: Through, clean_means: Mapping[str, Means] | None) -> Measurement:
        features = through(batches, lambda images: network_features(images, self._network), self._views)
        options = MeasureOptions(
            self._views, self._evaluation.labels, self._last_layer, self._classifier, clean_means, self._evaluation.minority
        )
        found = measure(features, self._source, options)
        plugged = measure_plugged(self._plugged, features, self._source, options, found, self._state)
        return replace(found, lines=[*self._wanted(found.lines), *plugged])

    def _wanted(self, lines: Sequence[MetricLine]) -> list[MetricLine]:
        return [line for line in lines if line.record.metric in self._evaluation.metrics]

    def _clean_means(self) -> Mapping[str, Means]:
        if self._evaluation.clean is None:
            raise TypeError("a perturbed evaluation names the cell with its clean class means")
        return decode_means(self._io.read_artifact(self._evaluation.clean, MEANS_FILE))

    def _through(self, cell: EvaluateCell) -> Through:
        arrays = self._evaluation.arrays
        if arrays is None:
            return straight
        return ArrayFolder(Path(arrays.folder) / cell.cell_id, arrays.features, self._source).through

    def _commit(
        self,
        cell: EvaluateCell,
        lines: Sequence[MetricLine],
        artifacts: Mapping[str, bytes],
        scalars: Mapping[str, float],
        perturbed: bool,
        started_ms: float,
    ) -> None:
        self._io.progress(cell.cell_id, {name: value for name, value in scalars.items() if name in ("accuracy", "loss")})
        outcome = Outcome({METRICS_FILE: encode_metrics(lines), **artifacts}, scalars, perturbed)
        self._io.commit(cell.cell_id, outcome, self._io.now_ms() - started_ms)


def _with_accuracy(line: MetricLine, accuracy: float) -> MetricLine:
    is_it = line.layer == "" and line.record.metric == "accuracy"
    return line._replace(record=MetricRecord("accuracy", accuracy)) if is_it else line
