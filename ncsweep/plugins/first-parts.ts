/** A part of each kind that an author begins with: it passes `plugin test`, and is short enough to be replaced. */
import type { PluginLanguage } from '@ncsweep/catalog/plugins/languages';
import type { PluginPartKind } from '@ncsweep/catalog/plugins/manifest';
import type { FirstCode } from './first-code.ts';
import { firstAttack, firstLoss } from './first-typescript.ts';

interface FirstPart {
  readonly code: Readonly<Partial<Record<PluginLanguage, FirstCode>>>;
  /** Its entry in the manifest's `parts`, in which `CODE` is where its code is. */
  readonly declared: string;
  /** How a sweep names it: lines of YAML. @param plugin name */
  readonly used: (plugin: string) => string;
}

const attack: FirstPart = {
  code: {
    Python: {
      file: 'attacks.py',
      function: 'steps_of_equal_size',
      code: `"""Attacks: a function gets a batch and returns perturbed images [B,C,H,W] within the budget."""

import torch

from ncsweep_torch.plugin import AttackBatch


def steps_of_equal_size(batch: AttackBatch, steps: int) -> torch.Tensor:
    images = batch.images
    for _ in range(steps):
        step = 2.5 * batch.epsilon / steps * batch.ascent(batch.gradient(images))
        images = batch.project(images + step)
    return images
`,
    },
    TypeScript: firstAttack,
  },
  declared: `  - kind: attack
    name: steps
    summary: Gradient steps of equal size
    CODE
    norm: linf
    gradients: steps
    params:
      steps: { type: integer, minimum: 1, maximum: 1000, default: 10, description: number of steps }
`,
  used: (plugin) => `attack: [{name: mine, kind: plugin, part: ${plugin}/steps, params: {steps: 20}}]`,
};

const loss: FirstPart = {
  code: {
    Python: {
      file: 'losses.py',
      function: 'smooth',
      code: `"""Losses: a function gets a batch and returns its mean loss."""

import torch
import torch.nn.functional as F

from ncsweep_torch.plugin import LossBatch


def smooth(batch: LossBatch, amount: float) -> torch.Tensor:
    images = batch.images if batch.adversarial is None else batch.adversarial
    return F.cross_entropy(batch.logits(images), batch.labels, label_smoothing=amount)
`,
    },
    TypeScript: firstLoss,
  },
  declared: `  - kind: loss
    name: smooth
    summary: Cross-entropy with smoothed labels
    CODE
    params:
      amount: { type: number, minimum: 0, maximum: 1, default: 0.1, description: share of the label that all classes get }
`,
  used: (plugin) => `training: [{name: SMOOTH, loss: plugin, part: ${plugin}/smooth}]`,
};

const metric: FirstPart = {
  code: {
    Python: {
      file: 'metrics.py',
      function: 'spread',
      code: `"""Metrics: a function gets the features of a layer and returns a number, one per class, or a matrix of classes, float64."""

import torch

from ncsweep_torch.plugin import MetricData


def spread(data: MetricData) -> torch.Tensor:
    total, count = torch.zeros((), dtype=torch.float64), 0
    for batch in data.batches():
        total += (batch.features - data.means[batch.labels]).square().sum().cpu()
        count += len(batch.labels)
    return total / count
`,
    },
  },
  declared: `  - kind: metric
    name: spread
    summary: mean squared distance of an example from the mean of its class
    CODE
    of: layers
    returns: scalar
    minimum: 0
    tolerance: { relative: 0.01 }
`,
  used: (plugin) => `metrics: [{part: ${plugin}/spread}]`,
};

const architecture: FirstPart = {
  code: {
    Python: {
      file: 'networks.py',
      function: 'small',
      code: `"""Networks: a function gets the number of classes and the shape [C,H,W] of an image, and returns a torch.nn.Module."""

import torch
from torch import nn


class Small(nn.Module):
    def __init__(self, channels: int, width: int, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        self.fc = nn.Linear(width, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.fc(self.stem(images).mean((2, 3)))


def small(classes: int, image: tuple[int, int, int], width: int) -> nn.Module:
    return Small(image[0], width, classes)
`,
    },
  },
  declared: `  - kind: architecture
    name: small
    summary: a convolution and a linear layer
    CODE
    image: [1, 8, 8]
    params:
      width: { type: integer, minimum: 1, maximum: 512, default: 8, description: channels }
    layers:
      - { name: stem, module: stem, shape: [width, 8, 8] }
    classifier: { module: fc, layer: pooled, inputs: width }
    multiply_adds: [width, 576]
`,
  used: (plugin) => `architecture: [{name: plugin, as: small, part: ${plugin}/small}]`,
};

export const firstParts: Readonly<Record<PluginPartKind, FirstPart>> = { attack, loss, metric, architecture };
export const partKinds = Object.keys(firstParts) as PluginPartKind[];
