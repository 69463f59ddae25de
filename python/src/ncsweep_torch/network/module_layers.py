"""The named layers of a module: what its submodules return, and what its classifier is given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from torch import Tensor, nn

from ncsweep_torch.plugin.failure import PluginError


class LayerSpec(NamedTuple):
    """A layer by the path of its submodule, with the shape that plugin.yaml gives for one example."""

    name: str
    module: str
    shape: tuple[int, ...]


class Reached(Exception):  # noqa: N818 no error: it ends a pass that nobody needs the rest of
    """Holds the features of the layer that was asked for."""

    def __init__(self, features: Tensor) -> None:
        super().__init__()
        self.features = features


class ModuleLayers:
    """Hooks that keep features while a pass is watched."""

    def __init__(self, part: str, module: nn.Module, layers: Sequence[LayerSpec], classifier: LayerSpec) -> None:
        """Raises PluginError for a path that leads to no module."""
        self._part = part
        self._up_to: str | None = None
        self._seen: dict[str, Tensor] | None = None
        # How often each layer was seen in the pass.
        self.counts: dict[str, int] = {}
        for each in layers:
            _at(part, module, each).register_forward_hook(lambda _m, _i, output, name=each.name: self._see(name, output))
        last = _at(part, module, classifier)
        last.register_forward_pre_hook(lambda _m, inputs: self._see(classifier.name, inputs[0]))

    def _see(self, name: str, value: Any) -> None:  # noqa: ANN401 whatever a module returns
        if self._seen is None:
            return
        if not isinstance(value, Tensor):
            raise PluginError(
                f"{self._part}: layer {name} is a {type(value).__name__}; expected a tensor. Remedy: name a module that returns one"
            )
        self.counts[name] = self.counts.get(name, 0) + 1
        if name == self._up_to:
            raise Reached(as_map(value))
        # What follows may overwrite it, as nn.ReLU(inplace=True) does.
        self._seen[name] = as_map(value.detach().clone())

    @contextmanager
    def watched(self, up_to: str | None = None) -> Iterator[dict[str, Tensor]]:
        """Inside, passes fill the features by layer, or raise Reached at one of them."""
        self._seen, self._up_to, self.counts = {}, up_to, {}
        try:
            yield self._seen
        finally:
            self._seen, self._up_to = None, None


def as_map(value: Tensor) -> Tensor:
    """[B,C,H,W] and [B,d] as they are; tokens [B,T,d] are a map of T × 1 pixels with d channels, [B,d,T,1]."""
    return value.transpose(1, 2).unsqueeze(3) if value.dim() == 3 else value


def _at(part: str, module: nn.Module, layer: LayerSpec) -> nn.Module:
    try:
        return module.get_submodule(layer.module)
    except AttributeError as error:
        paths = [path for path, _ in module.named_modules() if path]
        more = f" and {len(paths) - 12} more" if len(paths) > 12 else ""
        raise PluginError(
            f"{part}: the network has no module {layer.module}, which plugin.yaml names for the layer {layer.name}. "
            f"Its modules are {', '.join(paths[:12])}{more}"
        ) from error
