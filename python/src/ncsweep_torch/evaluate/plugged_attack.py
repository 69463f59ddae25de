"""An attack of a plug-in, as an evaluation uses it."""

from collections.abc import Callable
from typing import Literal

from torch import Tensor

from ncsweep_torch.attack.ball import Norm
from ncsweep_torch.attack.classifier import NetworkClassifier
from ncsweep_torch.attack.draws import ImageShape, normal_draws, uniform_draws
from ncsweep_torch.evaluate.attack import Attack, Attacked
from ncsweep_torch.plugin.attack import AttackBatch, perturbed_by
from ncsweep_torch.plugin.loader import Plugins
from ncsweep_torch.refusal import one_of
from ncsweep_torch.task import Json

Draw = Callable[[int, str, Tensor, ImageShape], Tensor]


def plugged_attack(params: Json, plugins: Plugins) -> Attack:
    """From its JSON. Raises RefusedError, PluginError."""
    part, values = params["part"], params["params"]
    function = plugins.function("attack", part, params["identity"])
    norm: Norm = one_of("norm", params["norm"], ("linf", "l2"))
    climbs: Literal["network", "nothing"] = one_of("climbs", params["climbs"], ("network", "nothing"))

    def perturb(epsilon: float, _: float, attacked: Attacked) -> Tensor:
        batch = _batch(attacked, epsilon, norm)
        return perturbed_by(part, lambda: function(batch, **values), batch)

    return Attack(norm, False, climbs, perturb=perturb)


def _batch(attacked: Attacked, epsilon: float, norm: Norm) -> AttackBatch:
    objective, goals = attacked.objective, attacked.goals
    if not isinstance(objective.classifier, NetworkClassifier):
        raise TypeError("an attack of a plug-in climbs the loss of the network")

    def draws(draw: Draw) -> Callable[[str], Tensor]:
        return lambda what: draw(attacked.seed, attacked.purpose(f"plugin/{what}"), attacked.indices, attacked.image)

    return AttackBatch(
        attacked.images,
        goals.argmax(1),
        epsilon,
        norm,
        objective.classifier.network,
        lambda images: objective.gradient(images, goals),
        draws(uniform_draws),
        draws(normal_draws),
    )
