"""The adaptive control: each layer's nearest-class-mean classifier under an attack on that same classifier."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from ncsweep_torch.attack.classifier import NearestMeanClassifier
from ncsweep_torch.collapse.class_means import Means
from ncsweep_torch.collapse.records import MetricRecord
from ncsweep_torch.evaluate.array_folder import Through
from ncsweep_torch.evaluate.attack import Attack
from ncsweep_torch.evaluate.batches import Batches, FeatureBatch, FeatureBatches, Source
from ncsweep_torch.evaluate.measure import MetricLine
from ncsweep_torch.evaluate.perturb import PerturbationFacts, Perturber
from ncsweep_torch.network.model import FixedNetwork
from ncsweep_torch.task import EvaluateCell, MeasuredView, View


@dataclass(frozen=True)
class AdaptiveOptions:
    """What is attacked and measured."""

    attack: Attack
    network: FixedNetwork
    views: Sequence[MeasuredView]
    # Of the heads, by View.key.
    clean_means: Mapping[str, Means]
    through: Through
    # Shares of zero gradients by head. They are taken at the clean images, so those of one budget serve all.
    zero_shares: dict[View, float]


def measure_adaptive(cell: EvaluateCell, source: Source, options: AdaptiveOptions) -> tuple[list[MetricLine], PerturbationFacts]:
    """Accuracy of each view's head. Views with the same head share an attack."""
    accuracies: dict[View, float] = {}
    facts = PerturbationFacts()
    for each in options.views:
        if each.head not in accuracies:
            accuracies[each.head], seen = _attack_head(cell, source, options, each)
            facts = facts.widened(seen)
    records = [(each.view, MetricRecord("adaptive_ncc_accuracy", accuracies[each.head])) for each in options.views]
    return [MetricLine(*view, "given", record) for view, record in records], facts


def _attack_head(
    cell: EvaluateCell, source: Source, options: AdaptiveOptions, of: MeasuredView
) -> tuple[float, PerturbationFacts]:
    origin, device = of.origin, source.split.device
    classifier = NearestMeanClassifier(options.network, origin.layer, origin.pooling, options.clean_means[origin.key], device)
    perturber = Perturber(options.attack, classifier, source)
    if of.head not in options.zero_shares:
        options.zero_shares[of.head] = perturber.zero_gradient_share()
    perturbed = perturber.batches(cell, None)
    alike = [each.view for each in options.views if each.head == of.head]
    features = options.through(perturbed, lambda batches: _head_features(batches, classifier), alike, of.head)
    right = [(batch.predictions == batch.labels).sum() for batch in features()]
    perturber.close()
    return float(torch.stack(right).sum()) / source.split.count, perturbed.facts()


def _head_features(batches: Batches, classifier: NearestMeanClassifier) -> FeatureBatches:
    """What a head computes from images: its logits, and the features behind them, whichever view is requested."""

    def run() -> Iterator[FeatureBatch]:
        for images, labels, indices in batches():
            vectors = classifier.vectors(images)
            logits = classifier.head(vectors)
            yield FeatureBatch(labels, indices, logits, logits.argmax(1), _always(vectors))

    return run


def _always(vectors: torch.Tensor) -> Callable[[View], torch.Tensor]:
    return lambda _: vectors
