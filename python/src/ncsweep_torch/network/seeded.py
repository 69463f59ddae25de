"""PyTorch's generators for code that draws from them, such as initial values and dropout, without a trace outside."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ncsweep_torch.philox import RandomKey


@contextmanager
def seeded(key: RandomKey, device: torch.device) -> Iterator[None]:
    """Inside, draws depend on the key only; afterwards the generators are as before."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        seed = key.low + (key.high << 32)
        if device.type == "cuda":
            torch.manual_seed(seed)
        else:
            # torch.manual_seed would also keep a call, with its traceback, for a GPU that no one may ever open: at every step.
            torch.default_generator.manual_seed(seed)
        yield
