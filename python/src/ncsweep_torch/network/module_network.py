"""A network of a plug-in: any torch.nn.Module, run by its own code with weights that are handed to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ncsweep_torch.network.module_layers import LayerSpec, ModuleLayers, Reached
from ncsweep_torch.network.module_state import ModuleState
from ncsweep_torch.network.parameters import ParameterSpec, Weights
from ncsweep_torch.network.seeded import seeded
from ncsweep_torch.network.training import BatchNormMode, normalise
from ncsweep_torch.philox import RandomKey, random_key
from ncsweep_torch.plugin.draws import own_draws_only
from ncsweep_torch.plugin.failure import PluginError, blamed


@dataclass(frozen=True)
class ModuleSpec:
    """What a plug-in declares of its network."""

    part: str
    classes: int
    # [C,H,W] of one image.
    image: tuple[int, int, int]
    # Per-channel mean and standard deviation; None: the module gets pixels in [0,1].
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] | None
    layers: tuple[LayerSpec, ...]
    # The linear classifier, and the layer that is its input.
    classifier: LayerSpec


class ModuleNetwork:
    """A Model over a module. It is made once, in a fork of PyTorch's generators, so that its initial values follow from the seed."""

    def __init__(self, spec: ModuleSpec, build: Callable[[], object], seed: int, device: torch.device) -> None:
        """Raises PluginError when the module is not what was declared; one pass over two images shows it."""
        self._spec, self._device, self._seed = spec, device, seed
        with seeded(random_key(seed, "init/module"), torch.device("cpu")), blamed(spec.part):
            module = build()
        if not isinstance(module, nn.Module):
            raise PluginError(f"{spec.part} returned {type(module).__name__}; expected a torch.nn.Module")
        self._state = ModuleState(spec.part, module)
        self.module = module.to(device)
        self._layers = ModuleLayers(spec.part, module, spec.layers, spec.classifier)
        self._head = module.get_submodule(spec.classifier.module)
        self._check()

    @property
    def parameters(self) -> tuple[ParameterSpec, ...]:
        """See Model."""
        return self._state.parameters

    @property
    def last_layer(self) -> str:
        """See Model."""
        return self._spec.classifier.name

    def initial_weights(self, seed: int) -> Weights:
        """See Model."""
        if seed != self._seed:
            raise ValueError(f"the network was made for the seed {self._seed}, not {seed}")
        return self._state.initial()

    def check_weights(self, tensors: Mapping[str, Tensor]) -> Weights:
        """See Model."""
        return self._state.check(tensors)

    def classifier(self, weights: Mapping[str, Tensor]) -> Tensor:
        """See Model."""
        return weights[self._weight_name()]

    def frozen(self, weights: Mapping[str, Tensor]) -> "FrozenModule":
        """See Model."""
        return FrozenModule(self, {name: tensor.detach() for name, tensor in weights.items()})

    def training_logits(
        self, images: Tensor, weights: Mapping[str, Tensor], batch_norm: BatchNormMode, draws: RandomKey
    ) -> Tensor:
        """See Model. Buffers that the module updates in place, such as running statistics, are updated in `weights`."""
        self.module.train()
        if batch_norm == "eval":
            for each in self.module.modules():
                if isinstance(each, nn.modules.batchnorm._BatchNorm):
                    each.eval()
        with seeded(draws, self._device), blamed(self._spec.part):
            return self._logits(self.called(images, weights), len(images))

    def called(self, images: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """What the module returns, in the mode that it has."""
        spec = self._spec
        inputs = images if spec.normalisation is None else normalise(images, *spec.normalisation)
        # Networks of others expect images in PyTorch's own layout.
        return cast("Tensor", functional_call(self.module, dict(weights), (inputs.contiguous(),)))

    def eval_logits(self, images: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """In eval mode."""
        self.module.eval()
        with blamed(self._spec.part):
            return self._logits(self.called(images, weights), len(images))

    def features(self, images: Tensor, weights: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits and layers, in eval mode."""
        with torch.no_grad(), self._layers.watched() as seen:
            logits = self.eval_logits(images, weights)
        return logits, {"input": images, **seen}

    def up_to(self, images: Tensor, weights: Mapping[str, Tensor], layer: str) -> Tensor:
        """Features of a layer, in eval mode."""
        if layer == "input":
            return images
        self.module.eval()
        try:
            with self._layers.watched(layer):
                self.called(images, weights)
        except Reached as reached:
            return reached.features
        raise PluginError(f"{self._spec.part}: the pass over the images did not come to the layer {layer}")

    def _logits(self, found: object, count: int) -> Tensor:
        expected = (count, self._spec.classes)
        if not isinstance(found, Tensor) or tuple(found.shape) != expected:
            kind = f"{list(found.shape)}" if isinstance(found, Tensor) else type(found).__name__
            raise PluginError(
                f"{self._spec.part}: the network returned {kind}; expected logits {list(expected)}: {self._spec.classes} classes"
            )
        return found

    def _weight_name(self) -> str:
        weight = self._head.weight
        return next(name for name, parameter in self.module.named_parameters() if parameter is weight)

    def _check(self) -> None:
        spec, head = self._spec, self._head
        if not isinstance(head, nn.Linear) or head.out_features != spec.classes:
            raise PluginError(
                f"{spec.part}: {spec.classifier.module} is {head}; expected the linear classifier, "
                f"a torch.nn.Linear with {spec.classes} outputs, because collapse compares its rows with class means"
            )
        images = torch.linspace(0, 1, 2 * torch.Size(spec.image).numel(), device=self._device).view(2, *spec.image)
        weights = {name: tensor.to(self._device) for name, tensor in self._state.initial().items()}
        with own_draws_only(spec.part):
            logits, layers = self.features(images, weights)
        if not bool(torch.isfinite(logits).all()):
            raise PluginError(f"{spec.part}: the untrained network returned logits that are not finite")
        for layer in (*spec.layers, spec.classifier):
            self._check_layer(layer, layers)
        with torch.no_grad():
            read = head(layers[spec.classifier.name])
        if not torch.allclose(read, logits, rtol=1e-3, atol=1e-4):
            raise PluginError(
                f"{spec.part}: the logits are not what {spec.classifier.module} returns. "
                "Remedy: the classifier must be the last operation, because metrics compare its rows with class means"
            )

    def _check_layer(self, layer: LayerSpec, layers: Mapping[str, Tensor]) -> None:
        times = self._layers.counts.get(layer.name, 0)
        if times != 1:
            raise PluginError(
                f"{self._spec.part}: the module {layer.module} of the layer {layer.name} ran {times} times in a pass; expected once"
            )
        found, expected = list(layers[layer.name].shape[1:]), list(layer.shape)
        if len(expected) == 2:  # tokens [T,d]
            expected = [expected[1], expected[0], 1]
        if found != expected:
            shown = [found[1], found[0]] if len(layer.shape) == 2 and found[2:] == [1] else found
            raise PluginError(
                f"{self._spec.part}: the layer {layer.name} (module {layer.module}) is {shown} for an example; "
                f"plugin.yaml says {list(layer.shape)}"
            )


class FrozenModule:
    """A FixedNetwork over a module."""

    def __init__(self, network: ModuleNetwork, weights: Mapping[str, Tensor]) -> None:
        self._network, self._weights = network, weights

    def __call__(self, images: Tensor, up_to: str | None = None) -> Tensor:
        """See FixedNetwork."""
        if up_to is not None:
            return self._network.up_to(images, self._weights, up_to)
        return self._network.eval_logits(images, self._weights)

    def features(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """See FixedNetwork."""
        return self._network.features(images, self._weights)
