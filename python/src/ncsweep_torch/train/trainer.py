"""Training by SGD. The loss decides what is minimised.

The state is explicit, {weights, velocity, step}, so that a run resumes bit for bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ncsweep_torch.attack.classifier import NetworkClassifier
from ncsweep_torch.attack.draws import ImageShape
from ncsweep_torch.attack.objective import DivergenceObjective, LogitObjective
from ncsweep_torch.attack.pgd import PgdOptions, pgd
from ncsweep_torch.network.model import Model
from ncsweep_torch.network.parameters import Weights
from ncsweep_torch.philox import random_key
from ncsweep_torch.task import Training, TrainingAttack
from ncsweep_torch.train.losses import Batch, Loss
from ncsweep_torch.train.sgd import Sgd


@dataclass(frozen=True)
class TrainingState:
    """Completed steps, weights, and momentum of the trainable ones; None: zero."""

    step: int
    weights: Mapping[str, Tensor]
    velocity: Mapping[str, Tensor] | None = None


class Trainer:
    """One training on images [height, width, channels]. Its state is copied to the device."""

    def __init__(
        self,
        network: Model,
        training: Training,
        seed: int,
        image: ImageShape,
        state: TrainingState,
        device: torch.device,
        loss: Loss,
    ) -> None:
        self._network, self._training, self._loss, self._seed, self._image = network, training, loss, seed, image
        self._steps = state.step
        self._passes = 0
        weights, velocity = (
            _on_device(state.weights, device),
            None if state.velocity is None else _on_device(state.velocity, device),
        )
        self._sgd = Sgd([spec for spec in network.parameters if spec.trainable], weights, velocity)
        self._trained = list(self._sgd.weights.values())
        self._weights: Weights = {
            spec.name: self._sgd.weights[spec.name] if spec.trainable else weights[spec.name].clone()
            for spec in network.parameters
        }

    @property
    def steps(self) -> int:
        """Completed steps."""
        return self._steps

    def weights(self) -> Weights:
        """All parameters: views that the next step changes."""
        return {name: tensor.detach() for name, tensor in self._weights.items()}

    def velocity(self) -> Weights:
        """Momentum of the trainable parameters: views that the next step changes."""
        return self._sgd.velocity()

    def step(self, images: Tensor, one_hot: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
        """One update on images [B,C,H,W], one-hot labels [B,K] and the examples' indices in their split.

        Returns the batch's mean loss and its number of correct predictions, as tensors; reading them waits for the device.
        """
        training, self._passes = self._training, 0
        perturbed = None if training.attack is None else self._perturb(images, one_hot, indices, training.attack)
        done = self._loss(self._logits, Batch(images, one_hot, perturbed), training.terms)
        gradients = torch.autograd.grad(done.outputs, self._trained, done.gradients, materialize_grads=True)
        self._sgd.step(gradients, training.schedule.at(self._steps), training.momentum, training.weight_decay)
        self._steps += 1
        return done.loss, (done.logits.argmax(1) == one_hot.argmax(1)).sum()

    def _logits(self, images: Tensor) -> Tensor:
        draws = random_key(self._seed, f"train/module/{self._steps}/{self._passes}")
        self._passes += 1
        return self._network.training_logits(images, self._weights, self._training.batch_norm, draws)

    def _perturb(self, images: Tensor, one_hot: Tensor, indices: Tensor, attack: TrainingAttack) -> Tensor:
        """Adversarial examples of the batch against the current weights in eval mode."""
        network = self._network.frozen(self._weights)
        climbs_ce = attack.objective == "ce"
        objective = LogitObjective(NetworkClassifier(network)) if climbs_ce else DivergenceObjective(network, images)
        offsets = attack.start.offsets(self._seed, f"train-attack/{self._steps}", indices, self._image, attack.epsilon)
        options = PgdOptions(attack.norm, attack.epsilon, attack.step_size, attack.steps, start=lambda _: offsets)
        return pgd(objective, images, one_hot, options)


def _on_device(tensors: Mapping[str, Tensor], device: torch.device) -> Weights:
    return {name: tensor.to(device) for name, tensor in tensors.items()}
