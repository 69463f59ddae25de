"""Runs a training task: the wanted snapshots of one lineage, by ascending epoch.

Training starts from the latest of a settled earlier snapshot, a checkpoint and the initial weights; all of them lead to the same numbers.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ncsweep_torch.artifacts import MOMENTUM_FILE, WEIGHTS_FILE, decode_tensors, encode_tensors
from ncsweep_torch.data.dataset import Dataset
from ncsweep_torch.failure import TaskFailureError
from ncsweep_torch.network.model import Model
from ncsweep_torch.network.open_network import open_network
from ncsweep_torch.network.parameters import check_weights
from ncsweep_torch.philox import permutation, random_key
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.task import SnapshotCell, TrainTask
from ncsweep_torch.task_io import Checkpoint, Outcome, TaskIo
from ncsweep_torch.train.losses import Loss, read_loss
from ncsweep_torch.train.trainer import Trainer, TrainingState

# How often a training reports its position within an epoch, ms.
_TELL_EVERY_MS = 5_000


def train(task: TrainTask, dataset: Dataset, io: TaskIo, device: torch.device, plugins: Plugins) -> None:
    """Raises TaskFailureError, BadDataError, WeightsMismatchError, RefusedError, PluginError."""
    settled, pending = task.start_from, []
    for cell in task.cells:
        if io.is_settled(cell.cell_id):
            settled = cell
        else:
            pending.append(cell)
    if not pending:
        return
    first = pending[0]
    network = open_network(task, dataset.image, dataset.classes, plugins, device)
    run = _TrainingRun(task, network, dataset, io, device, read_loss(task.training, plugins))
    run.start(settled if settled is not None and settled.step < first.step else None, first.cell_id)
    for cell in pending:
        run.reach(cell)


class _TrainingRun:
    def __init__(self, task: TrainTask, network: Model, dataset: Dataset, io: TaskIo, device: torch.device, loss: Loss) -> None:
        self._network = network
        self._task, self._dataset, self._io, self._device, self._loss = task, dataset, io, device, loss
        self._started_ms = io.now_ms()
        self._checkpoint_ms = self._started_ms + task.checkpoint_every_ms
        self._tell_ms = self._started_ms + _TELL_EVERY_MS
        self._shown = _shown(dataset.train.labels.cpu(), task.training.repeats)
        self._order = (-1, torch.zeros(0, dtype=torch.int64))
        self._trainer: Trainer

    def start(self, settled: SnapshotCell | None, first_cell: str) -> None:
        """From the checkpoint towards the first pending snapshot, the settled snapshot, or initial values, whichever is furthest."""
        checkpoint = self._io.latest_checkpoint(first_cell)
        settled_step = 0 if settled is None else settled.step
        if checkpoint is not None and checkpoint.step > settled_step:
            self._trainer = self._resumed(checkpoint.step, checkpoint.parts)
        elif settled is not None and settled_step > 0:
            files = {name: self._io.read_artifact(settled.cell_id, name) for name in (WEIGHTS_FILE, MOMENTUM_FILE)}
            self._trainer = self._resumed(settled_step, files)
        else:
            self._trainer = self._made(TrainingState(0, self._network.initial_weights(self._task.seed)))

    def reach(self, cell: SnapshotCell) -> None:
        """Trains up to the cell's step and commits it."""
        while self._trainer.steps < cell.step:
            self._epoch_part(cell)
        scalars = {"epoch": cell.epoch, "step": cell.step, "weight_norm": _norm(self._trainer.weights())}
        self._io.commit(cell.cell_id, Outcome(self._files(), scalars, False), self._io.now_ms() - self._started_ms)
        self._started_ms = self._io.now_ms()

    def _epoch_part(self, cell: SnapshotCell) -> None:
        """Trains to the end of the current epoch, or until it is time for a checkpoint or to stop."""
        trainer, io, training = self._trainer, self._io, self._task.training
        epoch = trainer.steps // training.steps_per_epoch
        end = min(cell.step, (epoch + 1) * training.steps_per_epoch)
        done: list[Tensor] = []
        seen = 0
        while trainer.steps < end and not io.wants_abort and io.now_ms() < self._checkpoint_ms:
            indices = self._indices(epoch, trainer.steps - epoch * training.steps_per_epoch)
            split = self._dataset.train
            loss, right = trainer.step(
                split.images(indices), split.one_hot(split.labels[indices], self._dataset.classes), indices
            )
            done.append(torch.stack((loss, right.to(loss.dtype))))
            seen += len(indices)
            self._report_step(cell)
        self._report(cell, epoch, done, seen)
        stopping = io.wants_abort  # asked once, so that nothing is given back without a checkpoint
        if stopping or io.now_ms() >= self._checkpoint_ms:
            io.save_checkpoint(cell.cell_id, Checkpoint(trainer.steps, self._files()))
            self._checkpoint_ms = io.now_ms() + self._task.checkpoint_every_ms
        if stopping:
            raise TaskFailureError("disruption", "given back", cell_id=cell.cell_id, at_step=trainer.steps)

    def _indices(self, epoch: int, index: int) -> Tensor:
        """The examples of a step: a permutation of those shown per epoch. The last batch of an epoch may be smaller."""
        if self._order[0] != epoch:
            key = random_key(self._task.seed, f"train/order/{epoch}")
            self._order = (epoch, self._shown[permutation(key, len(self._shown))].to(self._device))
        size = self._task.training.batch_size
        return self._order[1][index * size : (index + 1) * size]

    def _report_step(self, cell: SnapshotCell) -> None:
        """Reports how far a long epoch has come, without waiting for its loss."""
        if self._io.now_ms() >= self._tell_ms:
            self._tell(cell, {})

    def _report(self, cell: SnapshotCell, epoch: int, done: list[Tensor], seen: int) -> None:
        if not done:
            return
        loss, right = torch.stack(done).to(torch.float64).sum(0).tolist()
        loss /= len(done)
        if not math.isfinite(loss):
            raise TaskFailureError(
                "nonFiniteLoss",
                f"the training loss became {loss} in epoch {epoch + 1}: lower the learning rate",
                cell_id=cell.cell_id,
                at_step=self._trainer.steps,
            )
        self._tell(cell, {"loss": loss, "accuracy": right / seen})

    def _tell(self, cell: SnapshotCell, values: Mapping[str, float]) -> None:
        self._tell_ms = self._io.now_ms() + _TELL_EVERY_MS
        steps, training = self._trainer.steps, self._task.training
        self._io.progress(
            cell.cell_id, values, {"epoch": steps / training.steps_per_epoch, "epochs": training.epochs, "step": steps}
        )

    def _files(self) -> dict[str, bytes]:
        return {WEIGHTS_FILE: encode_tensors(self._trainer.weights()), MOMENTUM_FILE: encode_tensors(self._trainer.velocity())}

    def _resumed(self, step: int, files: Mapping[str, bytes]) -> Trainer:
        weights = self._network.check_weights(decode_tensors(files[WEIGHTS_FILE], WEIGHTS_FILE))
        trained = [spec for spec in self._network.parameters if spec.trainable]
        velocity = check_weights(trained, decode_tensors(files[MOMENTUM_FILE], MOMENTUM_FILE))
        return self._made(TrainingState(step, weights, velocity))

    def _made(self, state: TrainingState) -> Trainer:
        task = self._task
        return Trainer(self._network, task.training, task.seed, self._dataset.image, state, self._device, self._loss)


def _shown(labels: Tensor, repeats: Sequence[int]) -> Tensor:
    """Indices of the examples that an epoch shows: in the order of the split, then their repeats."""
    every = torch.arange(len(labels))
    if not repeats:
        return every
    times = torch.tensor(repeats)[labels]
    return torch.cat([every[times > shown] for shown in range(max(repeats))])


def _norm(weights: Mapping[str, Tensor]) -> float:
    """Euclidean norm over all parameters; it tells different trainings apart."""
    floats = [tensor for tensor in weights.values() if tensor.is_floating_point()]
    return math.sqrt(sum(float(tensor.to(torch.float64).square().sum()) for tensor in floats))
