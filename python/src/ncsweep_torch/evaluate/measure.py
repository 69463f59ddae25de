"""Measures a network on batches of (perturbed) images: every view × label convention from one forward pass, in two streaming passes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ncsweep_torch.collapse.class_means import ClassMeans, Means, MeansPass
from ncsweep_torch.collapse.metrics_pass import MetricsPass
from ncsweep_torch.collapse.outcome import OutcomePass
from ncsweep_torch.collapse.records import Floats, MetricRecord
from ncsweep_torch.evaluate.batches import FeatureBatch, FeatureBatches, Source
from ncsweep_torch.task import LabelConvention, View


class MetricLine(NamedTuple):
    """A row of metrics.parquet; layer, pooling and labels are empty for numbers of the network itself."""

    layer: str
    pooling: str
    labels: str
    record: MetricRecord


@dataclass(frozen=True)
class MeasureOptions:
    """What is measured, and what is known of it."""

    # In depth order.
    views: Sequence[View]
    labels: Sequence[LabelConvention]
    # What the linear classifier sees.
    last_layer: str
    # Weights of the classifier [K,d].
    classifier: Floats
    # By View.key; None when these images are the clean ones.
    clean_means: Mapping[str, Means] | None = None
    # Classes that are compared with the others.
    minority: Sequence[int] = ()


@dataclass(frozen=True)
class Measurement:
    """Lines in the order of the file, class means by given labels, and the network's accuracy and loss."""

    lines: list[MetricLine]
    means: dict[str, ClassMeans]
    accuracy: float
    loss: float


@dataclass(frozen=True)
class _Group:
    """Labels by which class means of a view are grouped."""

    view: View
    convention: LabelConvention

    @property
    def is_side(self) -> bool:
        """The network knows nothing about labels beside the class."""
        return self.convention.source == "sideLabels"

    def labels(self, batch: FeatureBatch, source: Source) -> Tensor:
        """[B] in 0..classes−1."""
        match self.convention.source:
            case "labels":
                return batch.labels
            case "predictions":
                return batch.predictions
            case "targets":
                return (batch.labels + 1) % source.classes
            case "sideLabels":
                return source.split.side_labels[self.convention.name][batch.indices]


def measure(batches: FeatureBatches, source: Source, options: MeasureOptions) -> Measurement:
    """Raises NonFiniteFeaturesError."""
    device = source.split.device
    groups = [_Group(view, convention) for view in options.views for convention in options.labels]
    outcome = OutcomePass(device)
    means_passes = {group: MeansPass(group.convention.classes, device) for group in groups}
    for batch, group, values in _visits(batches, groups, lambda each: outcome.add(each.labels, each.predictions, each.logits)):
        means_passes[group].add(values, group.labels(batch, source))
    means = {group: each.finish() for group, each in means_passes.items()}
    accuracy, loss = outcome.finish()
    # If every prediction is right, grouping by predictions equals grouping by labels and is not measured again.
    all_right = accuracy == 1
    measured = [group for group in groups if not (all_right and group.convention.source == "predictions")]
    given = {group.view.key: means[group] for group in groups if group.convention.source == "labels"}
    passes = {group: _metrics_pass(group, means[group], given, options, device) for group in measured}
    for batch, group, values in _visits(batches, measured, lambda _: None):
        passes[group].add(values, group.labels(batch, source), None if group.is_side else batch.predictions)
    lines = [MetricLine("", "", "", record) for record in OutcomePass.records(accuracy, loss)]
    for group, metrics in passes.items():
        also = (
            [each for each in groups if each not in passes and each.view == group.view]
            if group.convention.source == "labels"
            else []
        )
        records = metrics.finish()
        lines += [MetricLine(*group.view, name.convention.name, record) for name in (group, *also) for record in records]
    return Measurement(lines, given, accuracy, loss)


def _visits(
    batches: FeatureBatches, groups: Sequence[_Group], see: Callable[[FeatureBatch], None]
) -> Iterator[tuple[FeatureBatch, _Group, Tensor]]:
    """Each batch with each group, and the features of its view, float64 [B,d]; they are converted once a view."""
    views = list(dict.fromkeys(group.view for group in groups))
    for batch in batches():
        see(batch)
        for view in views:
            values = batch.features(view).to(torch.float64)
            for group in groups:
                if group.view == view:
                    yield batch, group, values


def _metrics_pass(
    group: _Group, own: ClassMeans, given: Mapping[str, ClassMeans], options: MeasureOptions, device: torch.device
) -> MetricsPass:
    if group.is_side:
        # Only the clean evaluation knows the clean means of side labels.
        return MetricsPass(own, own.means if options.clean_means is None else None, None, device)
    key = group.view.key
    clean = given[key].means if options.clean_means is None else options.clean_means[key]
    weights = options.classifier if group.view.layer == options.last_layer else None
    return MetricsPass(own, clean, weights, device, options.minority)
