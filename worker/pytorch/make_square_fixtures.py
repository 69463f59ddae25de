"""Makes square.safetensors: after how many queries pyautoattack's Square Attack fools a small smooth network.

    pip install torch==2.15.0 safetensors==0.8.0 numpy pyautoattack==0.2.0
    python worker/pytorch/make_square_fixtures.py

The network is tanh(4 (x - 1/2) W1) W2 on flattened images [B,3,8,8]. Each image is attacked alone, because upstream draws one window for a
batch, with every seed. Queries are the forward passes after that of the start; QUERIES where the image never falls.
"""

from pathlib import Path

import torch
from pyautoattack.square import SquareAttack
from safetensors.torch import save_file

BATCH, SIDE, CHANNELS, HIDDEN, CLASSES = 12, 8, 3, 16, 6
SEEDS, QUERIES = 20, 150
EPSILON = {"linf": 0.07, "l2": 0.8}
UPSTREAM = {"linf": "Linf", "l2": "L2"}

torch.manual_seed(21)
torch.set_num_threads(1)


def main():
    size = SIDE * SIDE * CHANNELS
    first, second = torch.randn(size, HIDDEN) / size**0.5, 2 * torch.randn(HIDDEN, CLASSES) / HIDDEN**0.5
    images = torch.rand(BATCH, CHANNELS, SIDE, SIDE)
    predict = lambda x: torch.tanh(4 * (x.flatten(1) - 0.5) @ first) @ second  # noqa: E731
    labels = predict(images).argmax(1)
    tensors = {"first": first, "second": second, "images": images, "labels": labels.float()}
    for norm, epsilon in EPSILON.items():
        counts = torch.full((BATCH, SEEDS), float(QUERIES))
        for i in range(BATCH):
            for seed in range(SEEDS):
                calls = []
                counted = lambda x: calls.append(1) or predict(x)  # noqa: B023, E731
                made = SquareAttack(counted, norm=UPSTREAM[norm], n_queries=QUERIES, eps=epsilon, resc_schedule=False)
                made.init_hyperparam(images)
                torch.manual_seed(1000 * i + seed)
                _, found = made.attack_single_run(images[i : i + 1], labels[i : i + 1])
                if predict(found).argmax(1) != labels[i]:
                    counts[i, seed] = len(calls) - 1
        tensors[f"{norm}/queries"] = counts
        print(norm, "fallen", (counts < QUERIES).float().mean().item(), counts.mean(1))
    save_file({name: t.contiguous() for name, t in tensors.items()}, Path(__file__).parent / "square.safetensors")


main()
