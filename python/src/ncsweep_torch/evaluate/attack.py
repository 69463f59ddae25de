"""What perturbs the images of an evaluation, and what it is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.draws import ImageShape
from ncsweep_torch.attack.logit_losses import LOGIT_LOSSES, LogitLoss
from ncsweep_torch.attack.objective import LogitObjective

Climbs = Literal["network", "each layer", "nothing"]


@dataclass(frozen=True)
class Attacked:
    """A clean batch and what perturbs it."""

    # [B,C,H,W] in [0,1]
    images: Tensor
    # One-hot labels to leave, or targets to reach [B,K].
    goals: Tensor
    # Index of each example in its split; keys the draws [B].
    indices: Tensor
    objective: LogitObjective
    seed: int
    # Names a draw of this attack on this split.
    purpose: Callable[[str], str]
    image: ImageShape


# Which examples of a batch fall to one attack of several [B].
Stage = Callable[[Attacked], Tensor]


@dataclass(frozen=True)
class Cascade:
    """Attacks of which each tries the examples that those before it left right."""

    # At an epsilon, on all examples: the images that are measured [B,C,H,W], and which examples have fallen [B].
    first: Callable[[float, Attacked], tuple[Tensor, Tensor]]
    # The others, in order, at an epsilon and a number of classes.
    later: Callable[[float, int], Sequence[Stage]]


@dataclass(frozen=True)
class Attack:
    """An attack or noise without its budget."""

    # The norm in which the perturbation is measured.
    norm: Norm
    # The goals are the labels y + 1 to approach, rather than the labels to leave.
    targeted: bool
    # Whose loss it climbs: the network's, that of each layer's own nearest-class-mean classifier, or none.
    climbs: Climbs
    # And which; for Auto-PGD at many targets, the one whose gradient is looked at in advance.
    loss: LogitLoss = LOGIT_LOSSES["ce"]
    # Offsets [B,C,H,W] that are added times epsilon, where one gradient or draw serves every budget.
    offsets: Callable[[Attacked], Tensor] | None = None
    # Or the nearest misclassified images [B,C,H,W], clean where there is none, which serve every budget that reaches them.
    nearest: Callable[[Attacked], Tensor] | None = None
    # Or several attacks in turn.
    cascade: Cascade | None = None
    # Otherwise perturbed images [B,C,H,W], at an epsilon and a step size.
    perturb: Callable[[float, float, Attacked], Tensor] | None = None

    def targets(self, labels: Tensor, classes: int) -> Tensor:
        """The labels that it aims at or leaves [B]."""
        return (labels + 1) % classes if self.targeted else labels
