"""Attacks and noises of evaluations, as a task states them."""

from collections.abc import Callable, Sequence

from torch import Tensor

from ncsweep_torch.attack.apgd import ApgdBudget, AutoPgd, Strongest
from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.draws import ImageShape, normal_draws, sign_draws, sphere_draws, surface_draws
from ncsweep_torch.attack.fab import Fab
from ncsweep_torch.attack.logit_losses import LOGIT_LOSSES, LogitLoss, TargetedRatio, rival_of
from ncsweep_torch.attack.pgd import PgdOptions, fgsm_direction, pgd
from ncsweep_torch.attack.square import SquareOptions, square_attack
from ncsweep_torch.attack.start import Start, read_start
from ncsweep_torch.evaluate.attack import Attack, Attacked, Climbs
from ncsweep_torch.evaluate.autoattack import read_autoattack
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
    kind = one_of("attack", params["kind"], ("none", "pgd", "apgd", "apgd-t", "fab-t", "square", "autoattack", "fgsm", *_NOISES))
    if kind == "none":
        return None
    norm: Norm = one_of("norm", params["norm"], ("linf", "l2"))
    targeted = one_of("target", params.get("target", "none"), ("none", "next-class")) == "next-class"
    if kind == "pgd":
        return _pgd(params, norm, targeted)
    if kind == "autoattack":
        return read_autoattack(params, norm)
    if kind == "fab-t":
        return _targeted_fab(params, norm)
    if kind == "square":
        return _square(params, norm)
    if kind in ("apgd", "apgd-t"):
        return (_apgd if kind == "apgd" else _targeted_apgd)(params, norm)
    if kind == "fgsm":
        return Attack(
            norm, targeted, "network", offsets=lambda batch: fgsm_direction(batch.objective, batch.images, batch.goals, targeted)
        )
    draw = _NOISES[kind]
    return Attack(
        norm, False, "nothing", offsets=lambda batch: draw(batch.seed, batch.purpose("noise"), batch.indices, batch.image)
    )


def _pgd(params: Json, norm: Norm, targeted: bool) -> Attack:
    steps, restarts, start = params["steps"], params["restarts"], read_start(params["start"])
    climbs, loss = _climbed(params)

    def perturb(epsilon: float, step_size: float, batch: Attacked) -> Tensor:
        options = PgdOptions(
            norm, epsilon, step_size, steps, restarts, targeted, lambda run: _offsets(start, run, epsilon, batch)
        )
        return pgd(batch.objective, batch.images, batch.goals, options)

    return Attack(norm, targeted, climbs, loss, perturb=perturb)


_CLIMBED: dict[str, tuple[Climbs, str]] = {
    "ce": ("network", "ce"),
    "dlr": ("network", "dlr"),
    "ncc": ("each layer", "ce"),
    "ncc-dlr": ("each layer", "dlr"),
}


def _climbed(params: Json) -> tuple[Climbs, LogitLoss]:
    """Whose loss an objective is, and which."""
    climbs, loss = _CLIMBED[one_of("objective", params["objective"], tuple(_CLIMBED))]
    return climbs, LOGIT_LOSSES[loss]


def _apgd(params: Json, norm: Norm) -> Attack:
    steps, restarts = params["steps"], params["restarts"]
    climbs, loss = _climbed(params)

    def perturb(epsilon: float, _: float, batch: Attacked) -> Tensor:
        return _strongest(batch, ApgdBudget(norm, epsilon, steps), "apgd", [loss] * restarts)

    return Attack(norm, False, climbs, loss, perturb=perturb)


def _targeted_apgd(params: Json, norm: Norm) -> Attack:
    steps, targets = params["steps"], params["targets"]

    def perturb(epsilon: float, _: float, batch: Attacked) -> Tensor:
        logits = batch.objective.classifier.logits(batch.images)
        wrong = min(targets, logits.shape[1] - 1)
        losses = [TargetedRatio(rival_of(logits, batch.goals, rank)) for rank in range(wrong)]
        return _strongest(batch, ApgdBudget(norm, epsilon, steps), "apgd-t", losses)

    return Attack(norm, False, "network", LOGIT_LOSSES["dlr"], perturb=perturb)


def _targeted_fab(params: Json, norm: Norm) -> Attack:
    steps, targets = params["steps"], params["targets"]

    def nearest(batch: Attacked) -> Tensor:
        attack = Fab(batch.objective.classifier, batch.images, batch.goals, norm, steps)
        for rank in range(min(targets, batch.goals.shape[1] - 1)):
            attack.run(rank)
        return attack.nearest.images

    return Attack(norm, False, "network", nearest=nearest)


def _square(params: Json, norm: Norm) -> Attack:
    queries = params["queries"]

    def perturb(epsilon: float, _: float, batch: Attacked) -> Tensor:
        options = SquareOptions(norm, epsilon, queries, batch.seed, batch.purpose("square"), batch.image)
        return square_attack(batch.objective.classifier, batch.images, batch.goals, batch.indices, options)

    return Attack(norm, False, "nothing", perturb=perturb)


def _strongest(batch: Attacked, budget: ApgdBudget, name: str, losses: Sequence[LogitLoss]) -> Tensor:
    """The strongest images of one run for each loss, from a start of its own; `name` is that of the draws."""
    strongest = Strongest(batch.images)
    attack = AutoPgd(batch.objective.classifier, batch.images, batch.goals, budget, strongest)
    for run, loss in enumerate(losses):
        attack.run(loss, surface_draws(batch.seed, batch.purpose(f"{name}/{run}"), batch.indices, batch.image, budget.norm))
    return strongest.images


def _offsets(start: Start, run: int, epsilon: float, batch: Attacked) -> Tensor | None:
    return start.offsets(batch.seed, batch.purpose(f"start/{run}"), batch.indices, batch.image, epsilon)
