"""Makes the fixtures of pytorch.test.ts: what PyTorch and torchattacks compute for ncsweep's networks.

    pip install torch==2.15.0 safetensors==0.8.0 numpy scipy requests tqdm && pip install --no-deps torchattacks==3.5.1
    python worker/pytorch/make_fixtures.py

Everything is computed in float64 and stored as float32. Images are [B,H,W,C]; weights have PyTorch's names and layouts.
"""

from functools import partial
from pathlib import Path
from unittest import mock

import torch
import torchattacks
from networks import Convnet, Mlp, PreactResnet18, Vgg11
from safetensors.torch import save_file
from torch.nn import functional as F

HERE = Path(__file__).parent
NORMALISATION = {"mean": (0.4, 0.5, 0.45), "std": (0.25, 0.2, 0.3)}
CLASSES = 3
BATCH = 5
EPSILON, STEP, STEPS = 8 / 255, 2 / 255, 10
TRADES_BETA = 6.0


def nhwc(x):
    return x.detach().permute(0, 2, 3, 1).contiguous()


def state_of(model):
    return {k: v.detach().clone() for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}


def gradients_of(model):
    return {name: p.grad.detach().clone() for name, p in model.named_parameters()}


def save(name, groups):
    tensors = {}
    for group, value in groups.items():
        for key, tensor in (value.items() if isinstance(value, dict) else [("", value)]):
            tensors[f"{group}/{key}" if key else group] = tensor.detach().to(torch.float32).contiguous()
    save_file(tensors, HERE / f"{name}.safetensors")


def randomise(model, generator):
    """Moves every batch norm away from its trivial start."""
    for name, tensor in model.state_dict().items():
        if ".weight" in name and tensor.dim() == 1 or "running_var" in name:
            tensor.copy_(0.6 + 0.8 * torch.rand(tensor.shape, generator=generator, dtype=torch.float64))
        elif tensor.dim() == 1 and ("bn" in name):
            tensor.copy_(0.3 * torch.randn(tensor.shape, generator=generator, dtype=torch.float64))


def smooth_fixture(name, make):
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(1)
    model = make(activation=F.softplus, classes=CLASSES, **NORMALISATION).double()
    randomise(model, generator)
    weights = state_of(model)
    images = (0.5 + 0.25 * torch.randn(BATCH, 3, 16, 16, generator=generator, dtype=torch.float64)).clamp(0, 1)
    # Weights are stored as float32, so start from what the test will read.
    images = images.float().double()
    model.load_state_dict({k: v.float().double() for k, v in weights.items()}, strict=False)
    labels = torch.arange(BATCH) % CLASSES
    groups = {"weights": state_of(model), "images": nhwc(images), "labels": labels}

    model.eval()
    x = images.clone().requires_grad_()
    logits = model(x)
    groups["eval_logits"] = logits
    groups["layers"] = {layer: (f.mean((2, 3)) if f.dim() == 4 else f) for layer, f in model.layers.items()}
    (groups_gradient,) = torch.autograd.grad(F.cross_entropy(logits, labels, reduction="sum"), x)
    groups["input_gradient"] = nhwc(groups_gradient)

    # The nearest-class-mean head of the second layer, as the adaptive control attacks it.
    layer = list(model.layers)[1]
    x = images.clone().requires_grad_()
    model(x)
    features = model.layers[layer]
    features = features.permute(0, 2, 3, 1).flatten(1) if features.dim() == 4 else features
    means = torch.stack([features[labels == c].mean(0) for c in range(CLASSES)]).detach().float().double()
    spread = (means - means.mean(0)).square().sum(1).mean()
    head = -(features[:, None] - means[None]).square().sum(2) / spread
    (ncc_gradient,) = torch.autograd.grad(F.cross_entropy(head, labels, reduction="sum"), x)
    groups |= {"ncc_means": means, "ncc_gradient": nhwc(ncc_gradient)}

    groups["fgsm"] = nhwc(torchattacks.FGSM(model, eps=EPSILON)(images, labels))
    start = (2 * torch.rand(images.shape, generator=generator, dtype=torch.float64) - 1).float().double()
    with mock.patch.object(torch.Tensor, "uniform_", lambda self, low, high: self.copy_(start * high)):
        linf = torchattacks.PGD(model, eps=EPSILON, alpha=STEP, steps=STEPS, random_start=True)(images, labels)
    with mock.patch.object(torch.Tensor, "view", torch.Tensor.reshape):  # the MLP's input gradient is not contiguous
        l2 = torchattacks.PGDL2(model, eps=128 / 255, alpha=15 / 255, steps=STEPS, random_start=False)(images, labels)
    targeted = torchattacks.PGD(model, eps=EPSILON, alpha=STEP, steps=STEPS, random_start=False)
    targeted.set_mode_targeted_by_function(lambda images, labels: (labels + 1) % CLASSES)
    groups |= {"start": nhwc(start), "pgd_linf": nhwc(linf), "pgd_l2": nhwc(l2), "pgd_targeted": nhwc(targeted(images, labels))}

    model.train()
    for p in model.parameters():
        p.requires_grad_()
    loss = F.cross_entropy(model(images), labels)
    model.zero_grad()
    loss.backward()
    groups["train_gradients"] = gradients_of(model)
    groups["running"] = {k: v for k, v in state_of(model).items() if "running" in k}

    model.load_state_dict(groups["weights"], strict=False)
    natural = model(images)
    perturbed = model(linf.float().double())
    divergence = F.kl_div(F.log_softmax(perturbed, 1), F.softmax(natural, 1), reduction="batchmean")
    model.zero_grad()
    (F.cross_entropy(natural, labels) + TRADES_BETA * divergence).backward()
    groups["trades_gradients"] = gradients_of(model)

    model.load_state_dict(groups["weights"], strict=False)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.05)
    for _ in range(3):
        optimiser.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimiser.step()
    groups["after_sgd"] = state_of(model)
    save(name, groups)


def blurred(shape, generator):
    noise = torch.randn(shape, generator=generator, dtype=torch.float64)
    return F.avg_pool2d(F.avg_pool2d(noise, 5, 1, 2), 5, 1, 2)


def relu_fixture():
    """A trained ReLU network, and torchattacks' losses on it for five seeds."""
    generator = torch.Generator().manual_seed(2)
    torch.manual_seed(2)
    prototypes = blurred((5, 1, 16, 16), generator)
    labels = torch.arange(100) % 5
    images = 0.5 + 0.6 * prototypes[labels] + 0.05 * torch.randn(100, 1, 16, 16, generator=generator, dtype=torch.float64)
    images = images.clamp(0, 1).float().double()
    model = Convnet(width=4, depth=4, channels=1, classes=5, mean=(0.5,), std=(0.2,)).double()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-3)
    for _ in range(40):
        optimiser.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimiser.step()
    model.load_state_dict({k: v.float().double() for k, v in state_of(model).items()}, strict=False)
    model.eval()

    def losses_of(attack):
        values = []
        for seed in range(5):
            torch.manual_seed(seed)
            values.append(F.cross_entropy(model(attack(images, labels)), labels).detach())
        return torch.stack(values)

    linf = {n: torchattacks.PGD(model, eps=n / 255, alpha=n / 255 / 4, steps=10, random_start=True) for n in (2, 8)}
    # torchattacks' random start in L2 is also a random direction times U(0,1) eps.
    l2 = {n: torchattacks.PGDL2(model, eps=n / 255, alpha=15 / 128 * n / 255, steps=10, random_start=True) for n in (32, 128)}
    losses = {str(n): losses_of(attack) for n, attack in linf.items()}
    l2_losses = {str(n): losses_of(attack) for n, attack in l2.items()}
    with torch.no_grad():
        clean = F.cross_entropy(model(images), labels)
        logits = model(images)
    print("relu: clean loss", float(clean), "accuracy", float((logits.argmax(1) == labels).double().mean()))
    for norm, found in (("Linf", losses), ("L2", l2_losses)):
        print(f"relu: torchattacks {norm} losses", {k: [round(float(x), 4) for x in v] for k, v in found.items()})
    groups = {"weights": state_of(model), "images": nhwc(images), "labels": labels, "eval_logits": logits}
    save("convnet-relu", groups | {"pgd_losses": losses, "pgd_l2_losses": l2_losses})


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    smooth_fixture("mlp", partial(Mlp, width=12, depth=2, pixels=16 * 16 * 3))
    smooth_fixture("convnet", partial(Convnet, width=4, depth=4))
    smooth_fixture("vgg11-bn", partial(Vgg11, width=2))
    smooth_fixture("preact-resnet18", partial(PreactResnet18, width=2))
    relu_fixture()
