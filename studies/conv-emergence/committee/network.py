"""The network and the loss of Ingrosso & Goldt (PNAS 2022), in the mean-field scaling of their code, `sgoldt/conv_emerge`."""

import torch
import torch.nn.functional as F
from torch import nn

from ncsweep_torch.plugin import LossBatch


class Fields(nn.Module):
    """erf((w·x/√D + b)/√2) for each unit; b = ±1 + β/√D, so that a step of SGD moves b by 1/D of what its gradient says, as in the code."""

    def __init__(self, sites: int, units: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.1 * torch.randn(units, sites))
        self.shift = nn.Parameter(torch.zeros(units))
        self.register_buffer("start", torch.where(torch.arange(units) < (units + 1) // 2, 1.0, -1.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        root = x.shape[1] ** 0.5
        bias = self.start + self.shift / root
        return torch.erf((F.linear(x, self.weight) / root + bias) / 2**0.5)


class Committee(nn.Module):
    """Output ±(1/units) Σ of the hidden units; only they learn."""

    def __init__(self, sites: int, units: int) -> None:
        super().__init__()
        self.fields = Fields(sites, units)
        self.readout = nn.Linear(units, 2, bias=False)
        self.readout.weight = nn.Parameter(torch.tensor([[1.0], [-1.0]]).repeat(1, units) / units, requires_grad=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.readout(self.fields(images.flatten(1)))


def committee(classes: int, image: tuple[int, int, int], units: int) -> nn.Module:
    channels, height, width = image
    return Committee(channels * height * width, units)


def signs(batch: LossBatch) -> torch.Tensor:
    """Mean over examples and outputs of (z − t)², t = 1 for the class and −1 for the other."""
    seen = batch.images if batch.adversarial is None else batch.adversarial
    logits = batch.logits(seen)
    return F.mse_loss(logits, 2 * F.one_hot(batch.labels, logits.shape[1]).to(logits.dtype) - 1)
