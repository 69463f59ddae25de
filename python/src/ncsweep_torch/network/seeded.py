"""PyTorch's generators for code that draws from them, such as initial values and dropout, without a trace outside."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ncsweep_torch.philox import RandomKey


@contextmanager
def seeded(key: RandomKey, device: torch.device) -> Iterator[None]:
    """Inside, draws depend on the key only; afterwards the generators are as before."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(key.low + (key.high << 32))
        yield
