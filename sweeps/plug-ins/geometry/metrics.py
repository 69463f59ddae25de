"""Metrics of the features of a layer, float64."""

import torch

from ncsweep_torch.plugin import MetricData


def class_cosine(data: MetricData) -> torch.Tensor:
    """For each class, the mean over its examples of cos(h − μ_G, μ_y − μ_G): 1 where a class has collapsed."""
    centre = data.means.nanmean(0)
    sums = torch.zeros(data.classes, dtype=torch.float64, device=centre.device)
    counts = torch.zeros_like(sums)
    for batch in data.batches():
        seen, own = batch.features - centre, data.means[batch.labels] - centre
        cosines = torch.nn.functional.cosine_similarity(seen, own, dim=1)
        sums.index_add_(0, batch.labels, cosines)
        counts.index_add_(0, batch.labels, torch.ones_like(cosines))
    return sums / counts
