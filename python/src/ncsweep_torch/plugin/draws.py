"""Draws of plug-ins. PyTorch's generators would make numbers depend on the batch and on what ran before, so their use is an error."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ncsweep_torch.plugin.failure import PluginError


@contextmanager
def own_draws_only(part: str) -> Iterator[None]:
    """Raises PluginError when a generator of PyTorch was used inside."""
    before = _states()
    yield
    if any(not torch.equal(old, new) for old, new in zip(before, _states(), strict=True)):
        raise PluginError(
            f"{part} drew from PyTorch's generator, so its numbers would depend on the batch and on what ran before. "
            "Remedy: draw with the batch's uniform and normal"
        )


def _states() -> list[torch.Tensor]:
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if _uses_cuda() else [])]


def _uses_cuda() -> bool:
    return bool(torch.cuda.is_initialized())  # type: ignore[no-untyped-call]
