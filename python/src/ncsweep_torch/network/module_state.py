"""The state of a module: its parameters and its persistent buffers, tied ones once, as float32 in files."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ncsweep_torch.network.parameters import ParameterSpec, Weights, check_weights
from ncsweep_torch.plugin.failure import PluginError


class ModuleState:
    """Names, shapes and types; values are held by those who train or measure."""

    def __init__(self, part: str, module: nn.Module) -> None:
        """Raises PluginError for a state that files cannot hold."""
        persistent = module.state_dict(keep_vars=True)
        named = dict(module.named_parameters()) | {name: buffer for name, buffer in module.named_buffers() if name in persistent}
        # Other names of tensors that are tied to one that is stored.
        self._aliases = frozenset(persistent) - frozenset(named)
        self._initial = {name: tensor.detach().clone() for name, tensor in named.items()}
        self._counters = {name for name in named if name.endswith("num_batches_tracked")}
        self.parameters = tuple(
            ParameterSpec(name, tuple(tensor.shape), isinstance(tensor, nn.Parameter) and tensor.requires_grad, 0.0)
            for name, tensor in named.items()
        )
        for name, tensor in named.items():
            _check_type(part, name, tensor)

    def initial(self) -> Weights:
        """The values with which the module was made, on the CPU."""
        return {name: tensor.cpu().clone() for name, tensor in self._initial.items()}

    def check(self, tensors: Mapping[str, Tensor]) -> Weights:
        """The module's among tensors of a file; counters of batches may be missing. Raises WeightsMismatchError."""
        known = {name: tensor for name, tensor in tensors.items() if name not in self._aliases}
        counted = [spec for spec in self.parameters if spec.name not in self._counters]
        found = check_weights(counted, known)
        found |= {name: tensors.get(name, self._initial[name]) for name in self._counters}
        return {spec.name: found[spec.name].to(self._initial[spec.name].dtype) for spec in self.parameters}


def _check_type(part: str, name: str, tensor: Tensor) -> None:
    if tensor.dtype != torch.float32 and (tensor.is_floating_point() or tensor.is_complex() or isinstance(tensor, nn.Parameter)):
        raise PluginError(f"{part}: {name} is {tensor.dtype}; expected torch.float32. Remedy: module.float()")
