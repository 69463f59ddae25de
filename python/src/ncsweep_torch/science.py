"""What this program computes, with the version of each definition (docs/compute-protocol.md "Science")."""

_NODES = (
    "normalise",
    "conv",
    "batchNorm",
    "activation",
    "maxPool",
    "globalAveragePool",
    "flatten",
    "dense",
    "residual",
    "tap",
)
_METRICS = ("network", "within-class", "simplex", "alignment", "nearest-mean", "leaping")
_LABELS = ("given", "predicted", "target", "attribute", "fine")

SCIENCE: dict[str, int] = {
    "train": 3,
    **{f"node:{name}": 1 for name in _NODES},
    "loss:ce": 1,
    "loss:trades": 1,
    "loss:mse": 1,
    "loss:spectral-decoupling": 1,
    "attack:fgsm/linf": 1,
    "attack:pgd/linf": 1,
    "attack:pgd/l2": 2,
    "attack:apgd/linf": 1,
    "attack:apgd/l2": 1,
    "attack:apgd-t/linf": 1,
    "attack:apgd-t/l2": 1,
    "attack:fab-t/linf": 1,
    "attack:fab-t/l2": 1,
    "attack:autoattack/linf": 1,
    "attack:autoattack/l2": 1,
    "attack:square/linf": 1,
    "attack:square/l2": 1,
    "attack:sign-noise/linf": 1,
    "attack:sphere-noise/l2": 1,
    "attack:gaussian-noise/linf": 1,
    "objective:dlr": 1,
    "plugin:attack": 1,
    "plugin:loss": 1,
    "plugin:metric": 1,
    "metrics": 2,
    **{f"metrics:{name}": 1 for name in _METRICS},
    **{f"labels:{name}": 1 for name in _LABELS},
}
