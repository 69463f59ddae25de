"""Square Attack (Andriushchenko et al. 2020): a random search that sees logits only."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import Classifier
from ncsweep_torch.attack.draws import ImageShape
from ncsweep_torch.attack.logit_losses import margin_of
from ncsweep_torch.attack.square_proposals import square_proposals, square_side
from ncsweep_torch.philox import random_key, uniforms


@dataclass(frozen=True)
class SquareOptions:
    """How far and how long a search goes, and what keys its draws."""

    norm: Norm
    # Radius of the ball, in [0,1] pixel units.
    epsilon: float
    queries: int
    seed: int
    # Begins the purpose of each draw, which ends with `start` or the number of the query.
    purpose: str
    image: ImageShape


def square_attack(classifier: Classifier, clean: Tensor, labels: Tensor, indices: Tensor, options: SquareOptions) -> Tensor:
    """Of each example the first point that is misclassified, the clean image included, or else the one nearest to that [B,C,H,W].

    The batch keeps its size while examples drop out, so that rounding stays the same. `labels` are one-hot [B,K], `indices` key the draws [B].
    """
    proposals = square_proposals(options.norm, options.image, options.epsilon)

    def draws(what: str, count: int) -> Tensor:
        return uniforms(random_key(options.seed, f"{options.purpose}/{what}"), indices, count)

    def margins_of(images: Tensor) -> Tensor:
        return margin_of(classifier.logits(images), labels)

    running = margins_of(clean) < 0
    best = torch.where(_wide(running), proposals.start(clean, draws("start", proposals.start_draws())), clean)
    margins = margins_of(best)
    running &= margins < 0
    for query in range(options.queries):
        if not running.any():
            break
        side = square_side(options.norm, options.image, query)
        images = proposals.query(clean, best, side, draws(str(query), proposals.query_draws()))
        images = torch.where(_wide(running), images, best)
        found = margins_of(images)
        taken = running & (found > margins)
        best = torch.where(_wide(taken), images, best)
        margins = torch.where(taken, found, margins)
        running &= margins < 0
    return best


def _wide(mask: Tensor) -> Tensor:
    return mask.view(-1, 1, 1, 1)
