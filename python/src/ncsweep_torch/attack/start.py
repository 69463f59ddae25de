"""Where an attack starts, relative to the clean images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor

from ncsweep_torch.attack.draws import ImageShape, ball_draws, box_draws, direction_draws, normal_draws
from ncsweep_torch.refusal import one_of


@dataclass(frozen=True)
class Start:
    """`box`: U(−1,1) per pixel, `direction` and `ball`: a random direction times a radius, all times epsilon; `normal`: N(0, deviation²)."""

    kind: Literal["clean", "box", "direction", "ball", "normal"]
    deviation: float = 0

    def offsets(self, seed: int, purpose: str, indices: Tensor, image: ImageShape, epsilon: float) -> Tensor | None:
        """Offsets [B,C,H,W] in pixel units; None: it starts at the clean images."""
        match self.kind:
            case "clean":
                return None
            case "normal":
                return normal_draws(seed, purpose, indices, image) * self.deviation
            case "box":
                return box_draws(seed, purpose, indices, image) * epsilon
            case "direction":
                return direction_draws(seed, purpose, indices, image) * epsilon
            case "ball":
                return ball_draws(seed, purpose, indices, image) * epsilon


def read_start(start: Mapping[str, Any]) -> Start:
    """From its JSON. Raises RefusedError."""
    return Start(one_of("start", start["kind"], ("clean", "box", "direction", "ball", "normal")), start.get("deviation", 0))
