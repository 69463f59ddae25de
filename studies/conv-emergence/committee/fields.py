"""How localised the weights of the first layer are, and how Gaussian a layer is. float64."""

import torch

from ncsweep_torch.plugin import MetricData


def _ratios(data: MetricData) -> torch.Tensor:
    """Σ w⁴ / (Σ w²)² of each row of the first tensor of the network that is a matrix or more: between 1/D and 1."""
    first = next(tensor for tensor in data.state.values() if tensor.dim() >= 2)
    squares = first.flatten(1).to(torch.float64).square()
    return squares.square().sum(1) / squares.sum(1).square()


def inverse_participation_ratio(data: MetricData) -> float:
    return float(_ratios(data).mean())


def localised_share(data: MetricData) -> float:
    first = next(tensor for tensor in data.state.values() if tensor.dim() >= 2)
    return float((_ratios(data) > 3.5 / first[0].numel()).to(torch.float64).mean())


def kurtosis(data: MetricData) -> float:
    values = data.whole().features
    squares = (values - values.mean()).square()
    return float(squares.square().mean() / squares.mean().square()) - 3
