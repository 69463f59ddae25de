"""The network of a task."""

import torch

from ncsweep_torch.attack.draws import ImageShape
from ncsweep_torch.network.model import Model
from ncsweep_torch.plugin.architecture import open_module
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.task import EvaluateTask, TrainTask


def open_network(
    task: TrainTask | EvaluateTask, image: ImageShape, classes: int, plugins: Plugins, device: torch.device
) -> Model:
    """Raises RefusedError, PluginError."""
    network = task.network
    if network.module is None:
        return network.nodes
    return open_module(network.module, image, classes, plugins, task.seed, device)
