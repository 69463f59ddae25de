"""Attacks and noises of evaluations, as a task states them."""

from collections.abc import Callable
from typing import Literal

from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.draws import ImageShape, normal_draws, sign_draws, sphere_draws
from ncsweep_torch.attack.pgd import PgdOptions, fgsm_direction, pgd
from ncsweep_torch.attack.start import Start, read_start
from ncsweep_torch.evaluate.attack import Attack, Attacked
from ncsweep_torch.evaluate.plugged_attack import plugged_attack
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.refusal import one_of
from ncsweep_torch.task import Json

Draw = Callable[[int, str, Tensor, ImageShape], Tensor]
_NOISES: dict[str, Draw] = {"sign-noise": sign_draws, "sphere-noise": sphere_draws, "gaussian-noise": normal_draws}


def read_attack(params: Json, plugins: Plugins) -> Attack | None:
    """From its JSON; None for clean images. Raises RefusedError, PluginError."""
    if params["kind"] == "plugin":
        return plugged_attack(params, plugins)
    kind = one_of("attack", params["kind"], ("none", "pgd", "fgsm", "sign-noise", "sphere-noise", "gaussian-noise"))
    if kind == "none":
        return None
    norm: Norm = one_of("norm", params["norm"], ("linf", "l2"))
    targeted = one_of("target", params.get("target", "none"), ("none", "next-class")) == "next-class"
    if kind == "pgd":
        return _pgd(params, norm, targeted)
    if kind == "fgsm":
        return Attack(
            norm, targeted, "network", lambda batch: fgsm_direction(batch.objective, batch.images, batch.goals, targeted)
        )
    draw = _NOISES[kind]
    return Attack(norm, False, "nothing", lambda batch: draw(batch.seed, batch.purpose("noise"), batch.indices, batch.image))


def _pgd(params: Json, norm: Norm, targeted: bool) -> Attack:
    steps, restarts, start = params["steps"], params["restarts"], read_start(params["start"])
    climbs: dict[str, Literal["network", "each layer"]] = {"ce": "network", "ncc": "each layer"}

    def perturb(epsilon: float, step_size: float, batch: Attacked) -> Tensor:
        options = PgdOptions(
            norm, epsilon, step_size, steps, restarts, targeted, lambda run: _offsets(start, run, epsilon, batch)
        )
        return pgd(batch.objective, batch.images, batch.goals, options)

    return Attack(norm, targeted, climbs[one_of("objective", params["objective"], ("ce", "ncc"))], perturb=perturb)


def _offsets(start: Start, run: int, epsilon: float, batch: Attacked) -> Tensor | None:
    return start.offsets(batch.seed, batch.purpose(f"start/{run}"), batch.indices, batch.image, epsilon)
