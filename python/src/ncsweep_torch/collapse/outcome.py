"""Accuracy and cross-entropy of the network over all batches."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ncsweep_torch.collapse.records import MetricRecord, scalar


class OutcomePass:
    """Sums in float64."""

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(2, dtype=torch.float64, device=device)
        self._samples = 0

    def add(self, labels: Tensor, predictions: Tensor, logits: Tensor) -> None:
        """Labels and predictions [B], logits [B, K]."""
        self._samples += len(labels)
        exact = F.log_softmax(logits.to(torch.float64), 1)
        losses = -exact.gather(1, labels[:, None]).sum()
        self._sums += torch.stack(((predictions == labels).sum(), losses))

    def finish(self) -> tuple[float, float]:
        """Accuracy, and mean cross-entropy in nats."""
        right, loss = (self._sums / self._samples).tolist()
        return right, loss

    @staticmethod
    def records(accuracy: float, loss: float) -> list[MetricRecord]:
        """The records of both."""
        return [*scalar("accuracy", accuracy), *scalar("loss", loss)]
