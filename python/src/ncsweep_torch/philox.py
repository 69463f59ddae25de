"""Counter-based randomness: every draw is a pure function of (seed, purpose, sample index, position), never of earlier draws.

So batching, resuming and sharing change no number. Generator: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
SC 2011). Its 64-bit key is the head of sha256 of seed and purpose; its counter is [block, 0, index low, index high].

Words are held in int64 tensors, because PyTorch has little arithmetic on uint32; products wrap around, which leaves the 64 bits needed.
"""

import hashlib
import math
import struct
from typing import NamedTuple

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10


class RandomKey(NamedTuple):
    """Key of one stream family, as two 32-bit words."""

    low: int
    high: int


def random_key(seed: int, purpose: str) -> RandomKey:
    """The key of all draws for one purpose, e.g. `train/order/3`."""
    digest = hashlib.sha256(f"{seed}\n{purpose}".encode()).digest()
    return RandomKey(*struct.unpack("<II", digest[:8]))


def philox(counter: tuple[Tensor, Tensor, Tensor, Tensor], key: RandomKey) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Blocks of four words. Words of counter and result are int64 tensors of one shape with values in [0, 2^32)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        first, second = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0 = ((second >> 32) & _MASK) ^ c1 ^ k0
        c1 = second & _MASK
        c2 = ((first >> 32) & _MASK) ^ c3 ^ k1
        c3 = first & _MASK
        k0, k1 = (k0 + _WEYL[0]) & _MASK, (k1 + _WEYL[1]) & _MASK
    return c0, c1, c2, c3


def _words(key: RandomKey, indices: Tensor, count: int) -> Tensor:
    """The first words of each sample's stream, whole blocks of them: [N, 4·⌈count/4⌉]. `indices` are int64 [N]."""
    blocks = torch.arange((count + 3) // 4, device=indices.device).expand(len(indices), -1)
    index = indices[:, None].expand_as(blocks)
    words = philox((blocks, torch.zeros_like(blocks), index & _MASK, index >> 32), key)
    return torch.stack(words, 2).flatten(1)


def uniforms(key: RandomKey, indices: Tensor, count: int) -> Tensor:
    """Uniform on [0,1), multiples of 2^-24: float32 [N, count]. `indices` are int64 [N]; the result is on their device."""
    return (_words(key, indices, count)[:, :count] >> 8).to(torch.float32) * 2.0**-24


def normals(key: RandomKey, indices: Tensor, count: int) -> Tensor:
    """Standard normal by Box–Muller from 32-bit uniforms on (0,1], computed in float64: float32 [N, count].

    Logarithm and cosine of two libraries may differ in the last bit of float64. That shows in float32 for about one draw in 10^8.
    """
    words = _words(key, indices, count).to(torch.float64)
    radius = torch.sqrt(-2 * torch.log((words[:, 0::2] + 1) * 2.0**-32))
    angle = words[:, 1::2] * (2 * math.pi) * 2.0**-32
    pairs = torch.stack((radius * torch.cos(angle), radius * torch.sin(angle)), 2)
    return pairs.flatten(1)[:, :count].to(torch.float32)


def permutation(key: RandomKey, count: int) -> Tensor:
    """A permutation of 0..count-1 (Fisher–Yates; bias below count·2^-32), e.g. the order of the data in an epoch: int64 [count] on the CPU."""
    words = _words(key, torch.zeros(1, dtype=torch.int64), count)[0, :count].to(torch.float64)
    left = torch.arange(count, 0, -1, dtype=torch.float64)
    chosen: list[int] = torch.floor(words * 2.0**-32 * left).to(torch.int64).tolist()
    order = list(range(count))
    for start, to in enumerate(chosen):
        last = count - 1 - start
        order[last], order[to] = order[to], order[last]
    return torch.tensor(order, dtype=torch.int64)


def draw_bytes(what: str, seed: int, purpose: str, index: int, count: int) -> bytes:
    """The first draws of a stream, little endian: uint32 `words`, float32 `uniform` or `normal`, or an int32 `permutation`."""
    key, indices = random_key(seed, purpose), torch.tensor([index], dtype=torch.int64)
    match what:
        case "words":
            return _words(key, indices, count)[0, :count].numpy().astype("<u4").tobytes()
        case "uniform":
            return uniforms(key, indices, count).numpy().astype("<f4").tobytes()
        case "normal":
            return normals(key, indices, count).numpy().astype("<f4").tobytes()
        case "permutation":
            return permutation(key, count).numpy().astype("<i4").tobytes()
    raise ValueError(f"there are no draws called {what}")
