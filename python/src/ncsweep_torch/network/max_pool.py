"""2×2 max pooling whose gradient goes to the first maximum of each window, in row-major order, on every device."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def max_pool(x: Tensor) -> Tensor:
    """[B,C,H,W] → [B,C,⌊H/2⌋,⌊W/2⌋]. On a GPU PyTorch's own backward pass adds in no fixed order."""
    if x.device.type == "cpu":
        return F.max_pool2d(x, 2)
    pooled: Tensor = FirstMaximum.apply(x)
    return pooled


class FirstMaximum(torch.autograd.Function):
    """2×2 max pooling by plain tensor operations."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ANN401 as torch.autograd.Function has it
        batch, channels, height, width = x.shape
        even = x[:, :, : height // 2 * 2, : width // 2 * 2]
        windows = even.reshape(batch, channels, height // 2, 2, width // 2, 2).permute(0, 1, 2, 4, 3, 5).flatten(4)
        first = windows.argmax(4, keepdim=True)
        ctx.save_for_backward(first)
        ctx.size = (height, width)
        return windows.gather(4, first).squeeze(4)

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> Tensor:  # noqa: ANN401
        (first,) = ctx.saved_tensors
        height, width = ctx.size
        batch, channels, rows, columns = dy.shape
        taken = first == torch.arange(4, device=dy.device)
        placed = torch.where(taken, dy.unsqueeze(4), 0).view(batch, channels, rows, columns, 2, 2).permute(0, 1, 2, 4, 3, 5)
        full = placed.reshape(batch, channels, 2 * rows, 2 * columns)
        return F.pad(full, (0, width - 2 * columns, 0, height - 2 * rows))
