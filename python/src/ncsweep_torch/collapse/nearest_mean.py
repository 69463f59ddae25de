"""Nearest-class-mean decisions, from products with centred means; distances are never formed."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.collapse.records import MetricRecord, scalar


@dataclass(frozen=True)
class Reference:
    """Fixed numbers of one set of means (P classes), by the example's class (Q classes present in the evaluated data)."""

    # Original class index of each mean [P].
    present: Tensor
    # ‖m_c‖² [P]
    squares: Tensor
    # m_c · (mu_y − mu_G), with the mean mu_y of the evaluated data and mu_G of this reference [Q, P].
    offsets: Tensor

    def nearest(self, y: Tensor, products: Tensor) -> Tensor:
        """Slot of each example's nearest mean, the lowest on ties [B].

        ‖h − mu_c‖² is least where m_c·(h − mu_G) − ‖m_c‖²/2 is largest. `products` are m_c · (h − mu_y) [B, P]; `y` is the slot of the example's
        class in `offsets` [B].
        """
        return (products + self.offsets[y] - self.squares / 2).argmax(1)


class NearestCounts:
    """How often the nearest mean matches the label, and the network's prediction."""

    def __init__(self, device: torch.device) -> None:
        self._right = torch.zeros((), dtype=torch.int64, device=device)
        self._agreeing = torch.zeros((), dtype=torch.int64, device=device)
        self._samples = 0
        self._predicted = 0

    def add(self, nearest: Tensor, labels: Tensor, predictions: Tensor | None) -> None:
        """All are original class indices [B]."""
        self._samples += len(labels)
        self._right += (nearest == labels).sum()
        if predictions is not None:
            self._predicted += len(labels)
            self._agreeing += (nearest == predictions).sum()

    def records(self, means: str) -> list[MetricRecord]:
        """`means` says which: `own` or `clean`."""
        agreeing = self._agreeing.item() / self._predicted if self._predicted > 0 else math.nan
        return [
            *scalar(f"ncc_accuracy_{means}_means", self._right.item() / self._samples if self._samples > 0 else math.nan),
            *scalar(f"nc4_{means}", 1 - agreeing),
        ]
