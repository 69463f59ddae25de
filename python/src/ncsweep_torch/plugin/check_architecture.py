"""What `ncsweep plugin test` asks of an architecture."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from ncsweep_torch.artifacts import decode_tensors, encode_tensors
from ncsweep_torch.network.module_layers import LayerSpec
from ncsweep_torch.network.module_network import ModuleNetwork, ModuleSpec
from ncsweep_torch.network.parameters import Weights
from ncsweep_torch.philox import random_key
from ncsweep_torch.plugin.loader import Function
from ncsweep_torch.plugin.sample import SEED, Check, images_of, product_of, values_of

_ANY_CLASSES, _COUNT = 10, 4


def _sizes(shape: Sequence[int | str], values: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(product_of(each, values) for each in shape)


def architecture_checks(full: str, function: Function, part: Mapping[str, Any]) -> list[Check]:
    """Layers, seeds, batches, gradients, state and cost."""
    values = values_of(part)
    classes, shape = part.get("classes", _ANY_CLASSES), tuple(part["image"])
    head = part["classifier"]
    spec = ModuleSpec(
        full,
        classes,
        shape,
        None,
        tuple(LayerSpec(each["name"], each["module"], _sizes(each["shape"], values)) for each in part["layers"]),
        LayerSpec(head["layer"], head["module"], _sizes([head["inputs"]], values)),
    )
    images = images_of(_COUNT, (shape[1], shape[2], shape[0]))

    def network(seed: int = SEED) -> ModuleNetwork:
        return ModuleNetwork(spec, lambda: function(classes=classes, image=shape, **values), seed, torch.device("cpu"))

    def weights(of: ModuleNetwork) -> Weights:
        return of.initial_weights(SEED)

    def declared() -> str | None:
        network()
        return None

    def seeds() -> str | None:
        if not _equal(weights(network()), weights(network())):
            return "two networks of one seed have different initial values"
        other = network(SEED + 1)
        alike = _equal(weights(network()), other.initial_weights(SEED + 1))
        return "networks of two seeds have the same initial values" if alike else None

    def batches() -> str | None:
        of = network()
        frozen = of.frozen(weights(of))
        with torch.no_grad():
            whole, alone = frozen(images), torch.cat([frozen(each[None]) for each in images])
        gap = float((whole - alone).abs().max() / whole.abs().max().clamp(min=1e-30))
        return None if gap < 1e-3 else f"logits of an image differ by {gap:.2g} of the largest when it is in another batch"

    def gradients() -> str | None:
        of = network()
        x = images.clone().requires_grad_()
        logits = of.frozen(weights(of))(x)
        if not logits.requires_grad:
            return "its logits do not depend on the images in a way that can be differentiated"
        (found,) = torch.autograd.grad(logits.square().sum(), x)
        blind = int((found.flatten(1).abs().amax(1) == 0).sum())
        return None if blind == 0 else f"the gradient of {blind} of {_COUNT} images is 0: gradient attacks are blind there"

    def state() -> str | None:
        of = network()
        before = weights(of)
        with torch.no_grad():
            of.training_logits(images, before, "train", random_key(SEED, "state"))
            again = of.check_weights(decode_tensors(encode_tensors(before), "weights"))
            equal = torch.equal(of.frozen(before)(images), of.frozen(again)(images))
        return None if equal else "its logits change when its state is written to a file and read again"

    def cost() -> str | None:
        of = network()
        with FlopCounterMode(display=False) as counter:
            of.frozen(weights(of))(images[:1])
        counted, stated = counter.get_total_flops() // 2, product_of(part["multiply_adds"], values)
        near = stated / 2 <= counted <= stated * 2
        return None if near else f"an image takes {counted} multiply-adds; multiply_adds says {stated}"

    return [
        ("its layers and its classifier are as declared", declared),
        ("its initial values follow from the seed", seeds),
        ("an image does not depend on its batch", batches),
        ("its gradient reaches the images", gradients),
        ("its state survives a file", state),
        ("it takes as many multiply-adds as declared, within a factor of 2", cost),
    ]


def _equal(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> bool:
    return all(torch.equal(tensor, b[name]) for name, tensor in a.items())
