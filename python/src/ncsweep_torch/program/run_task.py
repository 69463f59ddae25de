"""Runs one task, from its document to committed cells."""

import torch

from ncsweep_torch.collapse.records import NonFiniteFeaturesError
from ncsweep_torch.data.dataset import BadDataError, Dataset, open_dataset
from ncsweep_torch.evaluate.attacks import read_attack
from ncsweep_torch.evaluate.evaluate_task import evaluate
from ncsweep_torch.evaluate.plugged_metrics import load_metrics
from ncsweep_torch.failure import FailureClass, TaskFailureError
from ncsweep_torch.network.parameters import WeightsMismatchError
from ncsweep_torch.plugin.failure import PluginError
from ncsweep_torch.plugin.loader import read_plugins
from ncsweep_torch.refusal import RefusedError
from ncsweep_torch.science import SCIENCE
from ncsweep_torch.task import Json, TrainTask, read_task
from ncsweep_torch.task_io import TaskIo
from ncsweep_torch.train.train_task import train

_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


class TaskRunner:
    """Keeps the last dataset; consecutive tasks of a worker mostly share it."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._last: tuple[str, Dataset] | None = None

    def run(self, document: Json, io: TaskIo) -> None:
        """Raises RefusedError, or TaskFailureError whose class decides between retry and parking."""
        task = read_task(document, SCIENCE)
        plugins = read_plugins(document.get("plugins", ()))
        try:
            if not isinstance(task, TrainTask):
                read_attack(task.evaluation.attack, plugins)  # refuses what is unknown before anything is computed
                load_metrics(task.evaluation.plugged_metrics, plugins)
            dataset = self._dataset(task.data)
            if isinstance(task, TrainTask):
                train(task, dataset, io, self._device, plugins)
            else:
                evaluate(task, dataset, io, self._device, plugins)
        except (TaskFailureError, RefusedError):
            raise
        except Exception as error:
            raise TaskFailureError(_class_of(error), str(error) or type(error).__name__) from error

    def _dataset(self, data: Json) -> Dataset:
        if self._last is None or self._last[0] != data["key"]:
            self._last = None  # frees it first
            self._last = (data["key"], open_dataset(data, self._device))
        return self._last[1]


def _class_of(error: Exception) -> FailureClass:
    if isinstance(error, PluginError) and isinstance(error.__cause__, Exception):
        cause = _class_of(error.__cause__)
        return cause if cause in ("outOfMemory", "device") else "userError"
    text = str(error)
    match error:
        case BadDataError():
            return "badData"
        case WeightsMismatchError() | PluginError():
            return "userError"
        case NonFiniteFeaturesError():
            return "nonFiniteLoss"
        case MemoryError() | torch.OutOfMemoryError():
            return "outOfMemory"
        case RuntimeError() if any(words in text for words in _MEMORY_WORDS):
            return "outOfMemory"
        case RuntimeError() if "CUDA error" in text or "cuDNN error" in text:
            return "device"
    return "unknown"
