"""Makes fab.safetensors: how near pyautoattack's targeted FAB comes to the images of apgd.safetensors, by target.

    pip install torch==2.15.0 safetensors==0.8.0 numpy pyautoattack==0.2.0
    python worker/pytorch/make_fab_fixtures.py

The network is tanh(4 (x - 1/2) W1) W2 on flattened images [B,1,6,6]. Radii are those of all steps [targets, B], after the first steps too, where
rounding has not yet grown; -1 where nothing is found.
"""

from pathlib import Path

import torch
from pyautoattack.fab_pt import FABAttack_PT
from safetensors.torch import load_file, save_file

TARGETS = 5
STEPS = {"early": 5, "all": 100}
UPSTREAM = {"linf": "Linf", "l2": "L2"}
FOLDER = Path(__file__).parent

torch.manual_seed(0)


def main():
    known = load_file(FOLDER / "apgd.safetensors")
    images, labels = known["images"], known["labels"].long()
    predict = lambda x: torch.tanh(4 * (x.flatten(1) - 0.5) @ known["first"]) @ known["second"]  # noqa: E731
    tensors = {}
    for norm, upstream in UPSTREAM.items():
        for name, steps in STEPS.items():
            made = FABAttack_PT(predict, norm=upstream, n_restarts=1, n_iter=steps, eps=1.0, targeted=True, device="cpu")
            rows = []
            for target in range(TARGETS):
                made.target_class = target + 2
                found = made.attack_single_run(images, labels, use_rand_start=False, is_targeted=True)
                offset = (found - images).flatten(1)
                radii = offset.abs().amax(1) if norm == "linf" else offset.norm(dim=1)
                rows.append(torch.where(predict(found).argmax(1) != labels, radii, -1.0))
            tensors[f"{norm}/{name}"] = torch.stack(rows)
            print(norm, name, tensors[f"{norm}/{name}"].amin(0))
    save_file({name: t.contiguous() for name, t in tensors.items()}, FOLDER / "fab.safetensors")


main()
