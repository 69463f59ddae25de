"""Does the work of cases in PyTorch, eager, float32: `python torch_worker.py THREADS [cuda] [tf32] [autotune]`; see timed_work.py.

The networks are ncsweep's (worker/pytorch/networks.py); evaluation computes the same sums as ncsweep's two passes, in float64 as there. On a GPU images come from the host and perturbed
ones go back to it, as ncsweep's do; `autotune` has cuDNN try its algorithms, as TensorFlow does by itself; `tf32` allows products to be rounded to TF32.
"""

import sys
import warnings
from pathlib import Path

import torch
from timed_work import pixels_of, serve
from torch.nn import functional as F

sys.path.append(str(Path(__file__).parents[2] / "worker" / "pytorch"))
from networks import Convnet, PreactResnet18  # noqa: E402


SETTINGS = sys.argv[2:]
DEVICE = torch.device("cuda" if "cuda" in SETTINGS else "cpu")


def network_of(case):
    height, width, channels = case["image"]
    torch.manual_seed(1)
    shared = {
        "classes": case["classes"],
        "channels": channels,
        "mean": (0.45, 0.46, 0.47)[:channels],
        "std": (0.25, 0.24, 0.26)[:channels],
    }
    architecture = case["architecture"]
    if architecture["name"] == "convnet":
        return Convnet(width=architecture["width"], depth=architecture["depth"], **shared)
    return PreactResnet18(width=architecture["width"], **shared)


def data_of(case):
    """As PyTorch wants them: [B,C,H,W]."""
    images = torch.from_numpy(pixels_of(case)).permute(0, 3, 1, 2).contiguous()
    return images, torch.arange(case["batch"]) % case["classes"]


def train_step(model, images, labels):
    model.to(DEVICE).train()
    labels = labels.to(DEVICE)
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

    def step():
        optimiser.zero_grad()
        loss = F.cross_entropy(model(images.to(DEVICE)), labels)
        loss.backward()
        optimiser.step()
        loss.item()

    return step


def pgd(model, images, labels, epsilon=8 / 255, size=2 / 255, steps=10):
    model.to(DEVICE).eval()
    host, labels = images, labels.to(DEVICE)
    for parameter in model.parameters():
        parameter.requires_grad_(False)  # no weight gradients

    def attack():
        images = host.to(DEVICE)
        x = (images + epsilon * (2 * torch.rand_like(images) - 1)).clamp(0, 1)
        for _ in range(steps):
            x.requires_grad_()
            (gradient,) = torch.autograd.grad(F.cross_entropy(model(x), labels, reduction="sum"), x)
            x = x.detach() + size * gradient.sign()
            x = (images + (x - images).clamp(-epsilon, epsilon)).clamp(0, 1)
        return x.cpu()

    return attack


def views_of(model, images):
    """Every layer's features, flattened and pooled, and the logits."""
    logits = model(images)
    views = [images.flatten(1), images.mean((2, 3))]
    for features in model.layers.values():
        views += [features.flatten(1), features.mean((2, 3))] if features.dim() == 4 else [features]
    return views, logits


def class_means(h, y, classes):
    sums = torch.zeros(classes, h.shape[1], dtype=torch.float64).index_add_(0, y, h)
    return sums / torch.bincount(y, minlength=classes).clamp(min=1)[:, None]


def neural_collapse(h, y, means):
    """nc1, its quotient, CDNV, NC2, the nearest-class-mean classifier; from products of residuals with the centred means."""
    present = torch.unique(y)
    centred = means[present] - means[present].mean(0)
    residual = h - means[y]
    products = residual @ centred.T
    squares = residual.square().sum(1)
    gram = centred @ centred.T
    values, vectors = torch.linalg.eigh(gram)
    kept = values > 1e-10 * values[-1]
    projected = products @ vectors[:, kept] / values[kept]
    nc1 = projected.square().sum() * len(present) / len(h)
    quotient = squares.mean() / (gram.trace() / len(present))
    spread = torch.zeros(len(means), dtype=torch.float64).index_add_(0, y, squares)[present] / torch.bincount(y)[present]
    distances = torch.cdist(centred, centred).square() + torch.eye(len(present), dtype=torch.float64)
    cdnv = ((spread[:, None] + spread) / (2 * distances)).triu(1).sum()
    norms = gram.diagonal().sqrt()
    cosines = gram / norms[:, None] / norms
    slot = torch.searchsorted(present, y)
    nearest = (products + gram[slot] - gram.diagonal() / 2).argmax(1)
    return [float(v) for v in (nc1, quotient, cdnv, norms.std() / norms.mean(), cosines.mean(), (nearest == slot).double().mean())]


def evaluation(model, images, labels):
    model.eval()
    classes = int(labels.max()) + 1

    @torch.no_grad()
    def evaluate():
        views, logits = views_of(model, images)
        F.cross_entropy(logits, labels).item()
        groups = (labels, logits.argmax(1))
        means = [[class_means(h.double(), y, classes) for y in groups] for h in views]
        views, logits = views_of(model, images)  # a second pass, as over data that do not fit in memory
        for h, own in zip(views, means):
            for y, m in zip((labels, logits.argmax(1)), own):
                neural_collapse(h.double(), y, m)

    return evaluate


WORKS = {"train step": train_step, "PGD-10": pgd, "evaluation": evaluation}


def rounds_to_tf32():
    """Whether a product and a convolution that only copy their input lose its 12th bit: see bench/gpu/tf32.ts."""
    fine = 1 + 2**-12
    product = torch.full((256, 256), fine, device=DEVICE) @ torch.eye(256, device=DEVICE)
    kernel = F.pad(torch.eye(64, device=DEVICE).view(64, 64, 1, 1), (1, 1, 1, 1))
    convolved = F.conv2d(torch.full((8, 64, 16, 16), fine, device=DEVICE), kernel, padding=1)
    uses = ["yes" if (values - fine).abs().max() >= 2**-13 else "no" for values in (product, convolved)]
    return uses[0] if uses[0] == uses[1] else "products {}, convolutions {}".format(*uses)


def facts():
    if DEVICE.type == "cpu":
        return {"PyTorch": torch.__version__}
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = "tf32" in SETTINGS
    torch.backends.cudnn.benchmark = "autotune" in SETTINGS
    return {"PyTorch": torch.__version__, "GPU": torch.cuda.get_device_name(), "cuDNN": str(torch.backends.cudnn.version()), "TF32": rounds_to_tf32()}


warnings.filterwarnings("ignore", "std.*degrees of freedom")  # an untrained network may predict one class only
torch.set_num_threads(int(sys.argv[1]))
serve(facts(), lambda case: WORKS[case["work"]](network_of(case), *data_of(case)))
