"""Training losses."""

import torch
import torch.nn.functional as F

from ncsweep_torch.plugin import LossBatch


def mart(batch: LossBatch, beta: float) -> torch.Tensor:
    """Boosted cross-entropy of the adversarial examples + beta · KL(f(x) ‖ f(x′)) weighted by 1 − f(x)_y."""
    clean, moved = batch.logits(batch.images), batch.logits(batch.adversarial)
    labels = F.one_hot(batch.labels, clean.shape[1]).to(clean.dtype)
    p, q = F.softmax(clean, 1), F.softmax(moved, 1)
    most_other = (q - 2 * labels).amax(1)
    boosted = F.cross_entropy(moved, batch.labels) - torch.log(1.0001 - most_other).mean()
    divergence = (p * (F.log_softmax(clean, 1) - F.log_softmax(moved, 1))).sum(1)
    return boosted + beta * (divergence * (1 - (p * labels).sum(1))).mean()
