"""Makes apgd.safetensors: what pyautoattack's Auto-PGD does with a small smooth network.

    pip install torch==2.15.0 safetensors==0.8.0 numpy pyautoattack==0.2.0
    python worker/pytorch/make_apgd_fixtures.py

Everything is computed in float64 and stored as float32. The network is tanh(4 (x - 1/2) W1) W2 on flattened images [B,6,6,1].
For each case there are the first iterates, and the losses and classes at the end of all steps.
"""

from pathlib import Path

import torch
from pyautoattack.autopgd_base import APGDAttack, APGDAttack_targeted
from safetensors.torch import save_file

BATCH, SIDE, HIDDEN, CLASSES = 12, 6, 16, 6
STEPS, KEPT = 100, 6
EPSILON = {"linf": 0.08, "l2": 0.45}
UPSTREAM = {"linf": "Linf", "l2": "L2"}
LOSSES = {"ce": "ce", "dlr": "dlr", "targeted": "dlr-targeted"}

torch.set_default_dtype(torch.float64)
torch.manual_seed(20)


class Recorder(torch.nn.Module):
    """Keeps each input of which logits are taken, in order."""

    def __init__(self, first, second):
        super().__init__()
        self.first, self.second, self.inputs = first, second, []

    def forward(self, x):
        self.inputs.append(x.detach().clone())
        return torch.tanh(4 * (x.flatten(1) - 0.5) @ self.first) @ self.second


def unit(offsets, norm):
    flat = offsets.flatten(1)
    size = flat.abs().amax(1) if norm == "linf" else flat.norm(dim=1)
    return offsets / size.view(-1, 1, 1, 1)


def attack(model, norm, loss, images, labels, start, targets):
    kind = APGDAttack_targeted if loss == "targeted" else APGDAttack
    made = kind(model, n_iter=STEPS, norm=UPSTREAM[norm], eps=EPSILON[norm], device="cpu")
    made.loss = LOSSES[loss]
    made.y_target = targets if loss == "targeted" else None
    made.init_hyperparam(images)
    model.inputs.clear()
    _, right, best_loss, _ = made.attack_single_run(images, labels, x_init=images + EPSILON[norm] * start)
    iterates = torch.stack(model.inputs[:KEPT])
    return iterates, steep_everywhere(made, model, iterates, labels), right, best_loss


def steep_everywhere(made, model, iterates, labels):
    """Which examples have a gradient at every kept iterate. The ratio is constant, 1, where the true class is third: rounding decides there."""
    loss = {"ce": torch.nn.CrossEntropyLoss(reduction="none"), "dlr": made.dlr_loss}.get(made.loss)
    steep = torch.ones(BATCH, dtype=torch.bool)
    for iterate in iterates.clone():
        x = iterate.requires_grad_()
        value = (loss or made.dlr_loss_targeted)(model(x), labels).sum()
        steep &= torch.autograd.grad(value, [x])[0].abs().amax((1, 2, 3)) > 1e-9
    return steep


def main():
    size = SIDE * SIDE
    model = Recorder(torch.randn(size, HIDDEN) / size**0.5, 2 * torch.randn(HIDDEN, CLASSES) / HIDDEN**0.5)
    images = torch.rand(BATCH, 1, SIDE, SIDE)
    with torch.no_grad():
        logits = model(images)
    order = logits.argsort(1, descending=True)
    labels, targets = order[:, 0], order[:, 2]
    tensors = {"first": model.first, "second": model.second, "images": images, "labels": labels, "targets": targets}
    for norm in EPSILON:
        start = unit(torch.rand_like(images) * 2 - 1, norm)
        tensors[f"{norm}/start"] = start
        for loss in LOSSES:
            iterates, steep, right, best_loss = attack(model, norm, loss, images, labels, start, targets)
            found = {"iterates": iterates, "steep": steep, "right": right, "loss": best_loss}
            tensors |= {f"{norm}/{loss}/{name}": value for name, value in found.items()}
    save_file(
        {name: t.float().contiguous() for name, t in tensors.items()}, Path(__file__).parent / "apgd.safetensors"
    )


main()
