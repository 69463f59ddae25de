"""Random offsets keyed by (seed, purpose, sample index), so batching and sharing change no number: float32 [B,C,H,W]."""

import torch
from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.network.layout import channels_first
from ncsweep_torch.philox import normals, random_key, uniforms

# [height, width, channels]
ImageShape = tuple[int, int, int]


def normal_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    """N(0,1) per pixel."""
    return _as_images(_normals(seed, purpose, indices, image), image)


def sign_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    """sign(N(0,1)) per pixel: ±1."""
    return _as_images(torch.where(_normals(seed, purpose, indices, image) < 0, -1.0, 1.0), image)


def sphere_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    """Uniform on the unit sphere per example: normal draws divided by their L2 norm."""
    one = torch.ones(len(indices), 1, dtype=torch.float64, device=indices.device)
    return _as_images(_along(_normals(seed, purpose, indices, image), one), image)


def uniform_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    """U[0,1) per pixel."""
    return _as_images(uniforms(random_key(seed, purpose), indices, _size(image)), image)


def surface_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape, norm: Norm) -> Tensor:
    """The start of Auto-PGD on the unit sphere of its norm: in L∞ U(−1,1) per pixel, scaled so that the largest is 1; in L2 a random direction."""
    if norm == "l2":
        return sphere_draws(seed, purpose, indices, image)
    box = box_draws(seed, purpose, indices, image)
    return box / box.abs().amax((1, 2, 3), keepdim=True)


def box_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    """U(−1,1) per pixel."""
    return _as_images(2 * uniforms(random_key(seed, purpose), indices, _size(image)) - 1, image)


def direction_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    """A random direction times a radius that is U(0,1), as in the source paper's code."""
    return _as_images(_along(_normals(seed, f"{purpose}/direction", indices, image), _radius(seed, purpose, indices)), image)


def ball_draws(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    """Uniform in the unit ball: a random direction times U(0,1)^(1/D)."""
    radius = _radius(seed, purpose, indices) ** (1 / _size(image))
    return _as_images(_along(_normals(seed, f"{purpose}/direction", indices, image), radius), image)


def _as_images(draws: Tensor, image: ImageShape) -> Tensor:
    return channels_first(draws.view(-1, *image))


def _size(image: ImageShape) -> int:
    return image[0] * image[1] * image[2]


def _normals(seed: int, purpose: str, indices: Tensor, image: ImageShape) -> Tensor:
    return normals(random_key(seed, purpose), indices, _size(image))


def _radius(seed: int, purpose: str, indices: Tensor) -> Tensor:
    return uniforms(random_key(seed, purpose), indices, 1).to(torch.float64)


def _along(draws: Tensor, radius: Tensor) -> Tensor:
    """Vectors of length `radius` [N,1] in the directions of draws [N,D]."""
    exact = draws.to(torch.float64)
    return (exact * (radius / exact.square().sum(1, keepdim=True).sqrt())).to(torch.float32)
