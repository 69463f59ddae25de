"""Does the work of cases with ncsweep's PyTorch program: `python ncsweep_torch_worker.py THREADS [cuda]`; see timed_work.py.

The networks come with the cases, as documents of the compute protocol. The code timed is the program's own.
"""

import sys

import numpy as np
import torch
from timed_work import pixels_of, serve

from ncsweep_torch.attack.classifier import NetworkClassifier
from ncsweep_torch.attack.draws import box_draws
from ncsweep_torch.attack.objective import LogitObjective
from ncsweep_torch.attack.pgd import PgdOptions, pgd
from ncsweep_torch.data.dataset import Split
from ncsweep_torch.device import open_device
from ncsweep_torch.evaluate.batches import Source, clean_batches, network_features
from ncsweep_torch.evaluate.measure import MeasureOptions, measure
from ncsweep_torch.network.frozen import FrozenNetwork
from ncsweep_torch.network.nodes import read_nodes
from ncsweep_torch.network.parameters import initial_weights, read_parameters
from ncsweep_torch.task import LabelConvention, Network, Schedule, Training, View
from ncsweep_torch.train.trainer import Trainer, TrainingState

OPENED = open_device("torch-cuda" if "cuda" in sys.argv[2:] else "torch-cpu", int(sys.argv[1]))
DEVICE = OPENED.device


def split_of(case):
    return Split(pixels_of(case), np.arange(case["batch"]) % case["classes"], {}, DEVICE)


def work_of(case):
    document = case["network"]
    network = Network(read_nodes(document["nodes"]), read_parameters(document["parameters"]), document["layers"][-1]["name"])
    weights, split, image = initial_weights(network.parameters, 1), split_of(case), tuple(case["image"])
    indices = torch.arange(case["batch"], device=DEVICE)
    one_hot = split.one_hot(split.labels, case["classes"])
    if case["work"] == "train step":
        training = Training("ce", 0, None, "train", 1, case["batch"], 1, 0.9, 5e-4, Schedule(((0, 1e-3),), 0, 0))
        trainer = Trainer(network, training, 1, image, TrainingState(0, weights), DEVICE)
        return lambda: trainer.step(split.images(indices), one_hot, indices)[0].item()
    frozen = FrozenNetwork(network.nodes, {name: tensor.to(DEVICE) for name, tensor in weights.items()})
    if case["work"] == "PGD-10":
        objective, epsilon = LogitObjective(NetworkClassifier(frozen)), 8 / 255
        options = PgdOptions("linf", epsilon, 2 / 255, 10, start=lambda _: box_draws(1, "bench", indices, image) * epsilon)
        return lambda: pgd(objective, split.images(indices), one_hot, options).cpu()
    views = [View(each["name"], pooling) for each in document["layers"] for pooling in ("flatten", "gap")[: 1 + each["spatial"]]]
    labels = [LabelConvention("given", "labels", case["classes"]), LabelConvention("predicted", "predictions", case["classes"])]
    options = MeasureOptions(views, labels, network.last_layer, weights["classifier.weight"].double().numpy())
    source = Source("train", split, case["classes"], image, case["batch"], 1, lambda: None)
    return lambda: measure(network_features(lambda: clean_batches(source), frozen), source, options)


serve(OPENED.versions, work_of)
