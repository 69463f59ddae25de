"""What a plug-in is given (docs/plug-ins.md), and how its code is loaded."""

from ncsweep_torch.plugin.attack import AttackBatch
from ncsweep_torch.plugin.loss import LossBatch
from ncsweep_torch.plugin.metric import MetricBatch, MetricData

__all__ = ["AttackBatch", "LossBatch", "MetricBatch", "MetricData"]
