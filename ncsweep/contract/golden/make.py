"""Makes golden.safetensors: what tasks of the compute protocol yield in float64, from docs/compute-protocol.md and PyTorch's autograd alone.

    pip install torch numpy safetensors
    node scripts/contract-cases.ts /tmp/cases | python ncsweep/contract/golden/make.py

Arrays are stored as float32: weights in PyTorch's layout, images as [N,H,W,C].
"""

import hashlib
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent


def philox(key, counter):
    """Ten rounds of Philox4x32 on plain integers (Salmon et al. 2011)."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def words(seed, purpose, index, count):
    digest = hashlib.sha256(f"{seed}\n{purpose}".encode()).digest()
    key = (int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little"))
    found = []
    for block in range((count + 3) // 4):
        found += philox(key, (block, 0, index & 0xFFFFFFFF, index >> 32))
    return found[:count]


def uniform(seed, purpose, index, count):
    return np.array([(w >> 8) * 2.0**-24 for w in words(seed, purpose, index, count)])


def normal(seed, purpose, index, count):
    w = words(seed, purpose, index, count + count % 2)
    found = []
    for a, b in zip(w[::2], w[1::2]):
        r, angle = math.sqrt(-2 * math.log((a + 1) * 2.0**-32)), 2 * math.pi * b * 2.0**-32
        found += [r * math.cos(angle), r * math.sin(angle)]
    return np.array(found[:count])


def permutation(seed, purpose, count):
    order = list(range(count))
    for k, w in enumerate(words(seed, purpose, 0, count)):
        j = count - 1 - k
        other = math.floor(w * 2.0**-32 * (j + 1))
        order[j], order[other] = order[other], order[j]
    return np.array(order)


def tensor(values):
    return torch.from_numpy(np.ascontiguousarray(values)).to(torch.float64)


def initial(task):
    found = {}
    for p in task["network"]["parameters"]:
        init = p["init"]
        if init["kind"] == "constant":
            found[p["name"]] = torch.full(p["shape"], float(init["value"]))
        else:
            u = uniform(task["seed"], f"init/{p['name']}", 0, math.prod(p["shape"]))
            drawn = ((2 * u - 1) * init["bound"]).astype(np.float32).reshape(init["drawShape"])
            found[p["name"]] = tensor(np.transpose(drawn, init["axes"]))
    return found


def forward(nodes, x, w, mode, running=None, layers=None):
    """x is [B,C,H,W] or [B,D]; `running` collects new statistics, `layers` the taps."""
    for node in nodes:
        kind, name = node["kind"], node.get("name")
        if kind == "normalise":
            mean, std = (torch.tensor(node[k]).reshape(1, -1, 1, 1) for k in ("mean", "std"))
            x = (x - mean) / std
        elif kind == "conv":
            x = F.conv2d(x, w[f"{name}.weight"], stride=node["stride"], padding=(node["kernel"] - 1) // 2)
        elif kind == "batchNorm":
            old = [(running or {}).get(f"{name}.running_{k}", w[f"{name}.running_{k}"]) for k in ("mean", "var")]
            gamma, beta = w[f"{name}.weight"], w[f"{name}.bias"]
            if mode == "eval":
                mean, var = (w[f"{name}.running_{k}"] for k in ("mean", "var"))
            else:
                mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
                n = x.numel() / x.shape[1]
                running[f"{name}.running_mean"] = (0.9 * old[0] + 0.1 * mean).detach()
                running[f"{name}.running_var"] = (0.9 * old[1] + 0.1 * var * n / max(1, n - 1)).detach()
            c = (1, -1, 1, 1)
            x = (x - mean.reshape(c)) / torch.sqrt(var.reshape(c) + 1e-5) * gamma.reshape(c) + beta.reshape(c)
        elif kind == "activation":
            x = F.softplus(x) if node["fn"] == "softplus" else F.relu(x)
        elif kind == "maxPool":
            x = F.max_pool2d(x, 2)
        elif kind == "globalAveragePool":
            x = x.mean((2, 3))
        elif kind == "flatten":
            x = x.permute(0, 2, 3, 1).flatten(1)
        elif kind == "dense":
            x = F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
        elif kind == "residual":
            body = forward(node["body"], x, w, mode, running)
            x = body + (forward(node["shortcut"], x, w, mode, running) if node["shortcut"] else x)
        elif kind == "tap" and layers is not None:
            layers[node["layer"]] = x
    return x


def images_of(split):
    pixels = np.load(split["images"]["path"])
    return tensor((pixels.astype(np.float64) * (1 / 255)).astype(np.float32)).permute(0, 3, 1, 2)


def norm_of(x):
    return x.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)


def project(z, x, epsilon, norm):
    delta = z - x
    delta = delta.clamp(-epsilon, epsilon) if norm == "linf" else delta * (epsilon / norm_of(delta).clamp(min=1e-12)).clamp(max=1)
    return (x + delta).clamp(0, 1)


def drawn(make, task, purpose, indices, x):
    """Draws fill [H,W,C] of each example."""
    height, width, channels = task["data"]["image"]
    rows = [make(task["seed"], purpose, int(i), x[0].numel()).reshape(height, width, channels) for i in indices]
    return tensor(np.stack(rows)).permute(0, 3, 1, 2)


def start_offset(start, epsilon, task, purpose, indices, x):
    if start["kind"] == "clean":
        return torch.zeros_like(x)
    if start["kind"] == "box":
        return epsilon * (2 * drawn(uniform, task, purpose, indices, x) - 1)
    if start["kind"] == "normal":
        return start["deviation"] * drawn(normal, task, purpose, indices, x)
    n = drawn(normal, task, f"{purpose}/direction", indices, x)
    radius = tensor(np.array([uniform(task["seed"], purpose, int(i), 1)[0] for i in indices])).reshape(-1, 1, 1, 1)
    if start["kind"] == "ball":
        radius = radius ** (1 / x[0].numel())
    return epsilon * radius * n / norm_of(n)


def gradient(loss, z):
    z = z.detach().requires_grad_()
    return torch.autograd.grad(loss(z).sum(), z)[0]


def ascend(loss, x, start, *, norm, epsilon, step, steps, sign=1):
    z = project(x + start, x, epsilon, norm)
    for _ in range(steps):
        g = gradient(loss, z)
        direction = g.sign() if norm == "linf" else g / norm_of(g).clamp(min=1e-30)
        z = project(z + sign * step * direction, x, epsilon, norm)
    return z.detach()


class Strongest:
    """Of each example a misclassified image of the highest loss, or, where none is misclassified, the image of the highest loss."""

    def __init__(self, x):
        self.kept = [(False, -math.inf, each) for each in x]

    def offer(self, z, wrong, losses):
        for i, now in enumerate(zip(wrong.tolist(), losses.tolist(), z)):
            if now[:2] > self.kept[i][:2]:
                self.kept[i] = now

    def images(self):
        return torch.stack([image for *_, image in self.kept])


def auto_pgd(loss, wrong_at, x, u, strongest, *, norm, epsilon, steps):
    """One run of Auto-PGD from the offset u of the unit sphere, example by example where it decides."""

    def stepped(z, eta):
        g = gradient(loss, z)
        return project(z + eta * (g.sign() if norm == "linf" else g / norm_of(g).clamp(min=1e-30)), x, epsilon, norm)

    def visited(z):
        found = loss(z).detach()
        strongest.offer(z, wrong_at(z), found)
        return found

    z = project(x + epsilon * u, x, epsilon, norm)
    losses = visited(z)
    best, best_z = losses.clone(), z.clone()
    last_best, last_halved = best.clone(), [True] * len(x)
    eta = torch.full((len(x), 1, 1, 1), 2.0 * epsilon)
    rises, before = [0] * len(x), z
    period, since = max(1, int(0.22 * steps)), 0
    for i in range(steps):
        y = stepped(z, eta)
        following = y if i == 0 else project(z + 0.75 * (y - z) + 0.25 * (z - before), x, epsilon, norm)
        before, z = z, following.clone()
        after = visited(z)
        since += 1
        for e in range(len(x)):
            rises[e] += after[e] > losses[e]
            if after[e] > best[e]:
                best[e], best_z[e] = after[e], z[e]
        losses = after
        if since < period:
            continue
        for e in range(len(x)):
            halves = bool(rises[e] <= 0.75 * period or (not last_halved[e] and best[e] == last_best[e]))
            if halves:
                eta[e] /= 2
                z[e] = best_z[e]
            last_halved[e] = halves
        last_best, rises, since = best.clone(), [0] * len(x), 0
        period = max(period - max(1, int(0.03 * steps)), max(1, int(0.06 * steps)))


def rate_at(schedule, step):
    if schedule["kind"] == "cosine":
        return schedule["rate"] * (1 + math.cos(math.pi * step / schedule["steps"])) / 2
    return [r["rate"] for r in schedule["rates"] if r["from"] <= step][-1]


def loss_of(z, y, loss):
    if loss["name"] == "mse":
        return F.mse_loss(z, F.one_hot(y, z.shape[1]).to(z.dtype), reduction="sum") / (2 * len(z))
    penalty = loss["lambda"] / 2 * z.square().sum(1).mean() if loss["name"] == "spectral-decoupling" else 0
    return F.cross_entropy(z, y) + penalty


def train(task):
    recipe, nodes, w = task["training"], task["network"]["nodes"], initial(task)
    images = images_of(task["data"]["train"])
    labels = torch.from_numpy(np.load(task["data"]["train"]["labels"]["path"])).long()
    trainable = [p["name"] for p in task["network"]["parameters"] if p["trainable"]]
    velocity = {name: torch.zeros_like(w[name]) for name in trainable}
    for step in range(task["cells"][-1]["step"]):
        epoch, at = divmod(step, recipe["stepsPerEpoch"])
        shown = [i for i in range(len(images))]
        for more in range(1, max(recipe.get("repeats", [1]))):
            shown += [i for i in range(len(images)) if recipe["repeats"][int(labels[i])] > more]
        order = np.array(shown)[permutation(task["seed"], f"train/order/{epoch}", len(shown))]
        indices = order[at * recipe["batchSize"] : (at + 1) * recipe["batchSize"]]
        x, y = images[indices], labels[indices]
        moved = x
        if recipe["attack"]:
            a = recipe["attack"]
            p = forward(nodes, x, w, "eval").softmax(1).detach()
            evaluate = lambda z: forward(nodes, z, w, "eval")  # noqa: E731
            ce = lambda z: F.cross_entropy(evaluate(z), y, reduction="none")  # noqa: E731
            kl = lambda z: -(p * evaluate(z).log_softmax(1)).sum(1)  # noqa: E731
            start = start_offset(a["start"], a["epsilon"], task, f"train-attack/{step}", indices, x)
            moved = ascend(
                ce if a["objective"] == "ce" else kl,
                x, start, norm=a["norm"], epsilon=a["epsilon"], step=a["stepSize"], steps=a["steps"],
            )  # fmt: skip
        live = {name: t.clone().requires_grad_(name in trainable) for name, t in w.items()}
        running = {}
        if recipe["loss"]["name"] == "trades":
            clean, other = (forward(nodes, z, live, recipe["batchNorm"], running) for z in (x, moved))
            divergence = (clean.softmax(1) * (clean.log_softmax(1) - other.log_softmax(1))).sum(1)
            loss = F.cross_entropy(clean, y) + recipe["loss"]["beta"] * divergence.mean()
        else:
            loss = loss_of(forward(nodes, moved, live, recipe["batchNorm"], running), y, recipe["loss"])
        gradients = torch.autograd.grad(loss, [live[name] for name in trainable])
        rate = rate_at(recipe["schedule"], step)
        for name, g in zip(trainable, gradients):
            velocity[name] = recipe["momentum"] * velocity[name] + g + recipe["weightDecay"] * w[name]
            w[name] = w[name] - rate * velocity[name]
        w.update(running)
    return w, velocity


def perturb(task, w):
    e, cell = task["evaluation"], task["cells"][0]
    attack, epsilon, nodes = e["attack"], cell["epsilon"], task["network"]["nodes"]
    split = task["data"][e["split"]]
    x = images_of(split)
    y = torch.from_numpy(np.load(split["labels"]["path"])).long()
    sign = 1
    if attack.get("target") == "next-class":
        y, sign = (y + 1) % task["data"]["classes"], -1
    logits = lambda z: forward(nodes, z, w, "eval")  # noqa: E731
    loss = lambda z: F.cross_entropy(logits(z), y, reduction="none")  # noqa: E731
    indices = np.arange(len(x))
    if attack["kind"] == "apgd":
        strongest = Strongest(x)
        for run in range(attack["restarts"]):
            purpose, norm = f"attack/{e['split']}/apgd/{run}", attack["norm"]
            u = drawn(normal, task, purpose, indices, x) if norm == "l2" else 2 * drawn(uniform, task, purpose, indices, x) - 1
            u = u / (norm_of(u) if norm == "l2" else u.abs().amax((1, 2, 3), keepdim=True))
            wrong_at = lambda z: logits(z).argmax(1) != y  # noqa: E731
            auto_pgd(loss, wrong_at, x, u, strongest, norm=norm, epsilon=epsilon, steps=attack["steps"])
        return strongest.images()
    if attack["kind"] == "pgd":
        best = None
        for restart in range(attack["restarts"]):
            start = start_offset(attack["start"], epsilon, task, f"attack/{e['split']}/start/{restart}", indices, x)
            z = ascend(
                loss, x, start, norm=attack["norm"], epsilon=epsilon, step=cell["stepSize"], steps=attack["steps"], sign=sign
            )
            take = None if best is None else (sign * (loss(z) - loss(best)) > 0).reshape(-1, 1, 1, 1)
            best = z if best is None else torch.where(take, z, best)
        return best
    if attack["kind"] == "fgsm":
        offset = sign * gradient(loss, x).sign()
    else:
        n = drawn(normal, task, f"attack/{e['split']}/noise", indices, x)
        offset = {"sign-noise": torch.where(n < 0, -1.0, 1.0), "sphere-noise": n / norm_of(n), "gaussian-noise": n}[attack["kind"]]
    return (x + epsilon * offset).clamp(0, 1)


def pooled(layers, view):
    x = layers[view["layer"]]
    if x.dim() == 2:
        return x
    return x.mean((2, 3)) if view["pooling"] == "gap" else x.permute(0, 2, 3, 1).flatten(1)


def main():
    tasks = json.load(sys.stdin)
    golden = {}

    def keep(name, value):
        golden[name] = value.detach().to(torch.float32).contiguous()

    trained = None
    for name, task in tasks.items():
        if task["kind"] == "train":
            w, velocity = train(task)
            for key, value in w.items():
                keep(f"{name}/weights/{key}", value)
            for key, value in velocity.items():
                keep(f"{name}/velocity/{key}", value)
            if name.startswith("two epochs"):
                trained = {key: value.to(torch.float32).to(torch.float64) for key, value in w.items()}
    for key, value in trained.items():
        keep(f"given/weights/{key}", value)
    for name, task in tasks.items():
        if task["kind"] != "evaluate":
            continue
        clean = task["evaluation"]["attack"]["kind"] == "none"
        images = images_of(task["data"]["test"]) if clean else perturb(task, trained)
        keep(f"{name}/images", images.permute(0, 2, 3, 1))
        if not clean:
            continue
        layers = {}
        logits = forward(task["network"]["nodes"], images, trained, "eval", layers=layers)
        keep(f"{name}/logits", logits)
        y = torch.from_numpy(np.load(task["data"]["test"]["labels"]["path"])).long()
        for view in task["evaluation"]["views"]:
            key, features = f"{view['layer']}/{view['pooling']}", pooled(layers, view)
            keep(f"{name}/features/{key}", features)
            means = torch.stack([features[y == c].mean(0) for c in range(task["data"]["classes"])])
            golden[f"given/means/{key}"] = means.detach().contiguous()
    save_file(golden, HERE / "golden.safetensors")


main()
