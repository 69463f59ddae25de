"""Metrics of plug-ins, as an evaluation measures them beside its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from ncsweep_torch.collapse.class_means import Means
from ncsweep_torch.evaluate.batches import FeatureBatch, FeatureBatches, Source
from ncsweep_torch.evaluate.measure import Measurement, MeasureOptions, MetricLine
from ncsweep_torch.network.parameters import Weights
from ncsweep_torch.plugin.loader import Function, Plugins
from ncsweep_torch.plugin.metric import MetricBatch, MetricData, metric_records
from ncsweep_torch.task import PluggedMetric, View


class LoadedMetric(NamedTuple):
    """A metric and its code."""

    metric: PluggedMetric
    function: Function


def load_metrics(metrics: Sequence[PluggedMetric], plugins: Plugins) -> tuple[LoadedMetric, ...]:
    """Raises RefusedError, PluginError."""
    return tuple(LoadedMetric(each, plugins.function("metric", each.part, each.identity)) for each in metrics)


def measure_plugged(
    metrics: Sequence[LoadedMetric],
    batches: FeatureBatches,
    source: Source,
    options: MeasureOptions,
    own: Measurement,
    state: Weights,
) -> list[MetricLine]:
    """In the order of the metrics, each by ascending depth. Raises PluginError."""
    lines: list[MetricLine] = []
    for (part, _, of, returns, params), function in metrics:
        views = [view for view in options.views if of == "layers" or view.layer == options.last_layer]
        for view in [None] if of == "logits" else views:
            data = replace(_data(view, batches, source, options, own), state=state)
            records = metric_records(part, returns, _applied(function, data, params), data)
            place = ("", "", "") if view is None else (*view, "given")
            lines += [MetricLine(*place, record) for record in records]
    return lines


def _applied(function: Function, data: MetricData, params: Mapping[str, object]) -> Callable[[], object]:
    return lambda: function(data, **params)


def _data(view: View | None, batches: FeatureBatches, source: Source, options: MeasureOptions, own: Measurement) -> MetricData:
    def put(values: Means) -> Tensor:
        return torch.tensor(values, dtype=torch.float64, device=source.split.device)

    def read(read_features: Callable[[FeatureBatch], Tensor]) -> Callable[[], Iterator[MetricBatch]]:
        return lambda: (
            MetricBatch(read_features(batch).to(torch.float64), batch.labels, batch.predictions) for batch in batches()
        )

    size = (source.classes, source.split.count)
    if view is None:
        return MetricData("", "", *size, read(lambda batch: batch.logits), None, None, None, source.seed)
    means = put(own.means[view.key].means)
    clean = means if options.clean_means is None else put(options.clean_means[view.key])
    classifier = put(options.classifier) if view.layer == options.last_layer else None
    return MetricData(*view, *size, read(lambda batch: batch.features(view)), means, clean, classifier, source.seed)
