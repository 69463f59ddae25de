/** The folder of a new plug-in: what `ncsweep plugin new` writes. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pluginWord } from '@ncsweep/catalog/plugins/names';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { manifestName } from './plugin-folder.ts';

const manifest = (
  name: string,
): string => `# What a sweep needs to know of this plug-in (docs/plug-ins.md of ncsweep). In a sweep:
#   plugins: [./${name}]
#   attack: [{name: mine, kind: plugin, part: ${name}/steps, params: {steps: 20}}]
#   training: [{name: SMOOTH, loss: plugin, part: ${name}/smooth}]
plugin: ${name}
parts:
  - kind: attack
    name: steps
    summary: Gradient steps of equal size
    python: attacks.py:steps_of_equal_size
    norm: linf
    gradients: steps
    params:
      steps: { type: integer, minimum: 1, maximum: 1000, default: 10, description: number of steps }
  - kind: loss
    name: smooth
    summary: Cross-entropy with smoothed labels
    python: losses.py:smooth
    params:
      amount: { type: number, minimum: 0, maximum: 1, default: 0.1, description: share of the label that all classes get }
`;

const attacks = `"""Attacks: a function gets a batch and returns perturbed images [B,C,H,W] within the budget."""

import torch

from ncsweep_torch.plugin import AttackBatch


def steps_of_equal_size(batch: AttackBatch, steps: int) -> torch.Tensor:
    images = batch.images
    for _ in range(steps):
        step = 2.5 * batch.epsilon / steps * batch.ascent(batch.gradient(images))
        images = batch.project(images + step)
    return images
`;

const losses = `"""Losses: a function gets a batch and returns its mean loss."""

import torch
import torch.nn.functional as F

from ncsweep_torch.plugin import LossBatch


def smooth(batch: LossBatch, amount: float) -> torch.Tensor:
    images = batch.images if batch.adversarial is None else batch.adversarial
    return F.cross_entropy(batch.logits(images), batch.labels, label_smoothing=amount)
`;

/**
 * Writes a plug-in that passes its own tests into a new folder of its name.
 * @param into folder in which it is made; default: the current one
 * @returns the new folder
 * @throws InvalidInputError for a name that is none, or a folder that is there
 */
export async function newPlugin(name: string, into = '.'): Promise<string> {
  const word = pluginWord.safeParse(name);
  if (!word.success) throw new InvalidInputError(`plug-in ${JSON.stringify(name)}: expected ${word.error.issues[0]!.message}`);
  const folder = path.join(into, name);
  await mkdir(folder).catch((cause: unknown) => {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    const found = code === 'EEXIST' ? 'it is there already. Remedy: choose another name' : code;
    throw new InvalidInputError(`folder ${folder}: ${found}`, { cause });
  });
  const files = { [manifestName]: manifest(name), 'attacks.py': attacks, 'losses.py': losses };
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
  return folder;
}
