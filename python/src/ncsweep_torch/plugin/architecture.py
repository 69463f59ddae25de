"""Networks of plug-ins, as a task names them."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ncsweep_torch.network.module_layers import LayerSpec
from ncsweep_torch.network.module_network import ModuleNetwork, ModuleSpec
from ncsweep_torch.plugin.loader import Plugins


def open_module(
    module: Mapping[str, Any], image: Sequence[int], classes: int, plugins: Plugins, seed: int, device: torch.device
) -> ModuleNetwork:
    """The `module` of a task's network, for images [height, width, channels]. Raises RefusedError, PluginError."""
    function = plugins.function("architecture", module["part"], module["identity"])
    height, width, channels = image
    given = (channels, height, width)
    normalisation = module.get("normalisation")
    spec = ModuleSpec(
        module["part"],
        classes,
        given,
        None if normalisation is None else (tuple(normalisation["mean"]), tuple(normalisation["std"])),
        tuple(LayerSpec(each["layer"], each["module"], tuple(each["shape"])) for each in module["layers"]),
        LayerSpec(module["classifier"]["layer"], module["classifier"]["module"], (module["classifier"]["inputs"],)),
    )
    return ModuleNetwork(spec, lambda: function(classes=classes, image=given, **module["params"]), seed, device)
