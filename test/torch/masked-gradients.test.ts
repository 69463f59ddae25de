/** Networks that are broken on purpose: they hide their gradients, so that PGD finds nothing. A report must say so. Needs `make torch`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readReport, type SweepReport } from 'ncsweep/report';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';

const python = `import torch
from torch import nn


class Network(nn.Module):
    def __init__(self, channels: int, width: int, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, 3, 2, padding=1), nn.BatchNorm2d(width), nn.ReLU())
        self.fc = nn.Linear(width, classes)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        return self.body(images).mean((2, 3))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.fc(self.features(images))


class Quantised(Network):
    """Rounds pixels to one of nine levels: no gradient reaches them."""

    def features(self, images: torch.Tensor) -> torch.Tensor:
        return super().features(torch.round(8 * images) / 8)


class Saturated(Network):
    """Multiplies features when it is evaluated: the cross-entropy of what is right is 0, and so is its gradient."""

    def features(self, images: torch.Tensor) -> torch.Tensor:
        return super().features(images) * (1 if self.training else 1e6)


def plain(classes: int, image: tuple[int, int, int], width: int) -> nn.Module:
    return Network(image[0], width, classes)


def quantised(classes: int, image: tuple[int, int, int], width: int) -> nn.Module:
    return Quantised(image[0], width, classes)


def saturated(classes: int, image: tuple[int, int, int], width: int) -> nn.Module:
    return Saturated(image[0], width, classes)
`;

const names = ['plain', 'quantised', 'saturated'] as const;

const part = (name: string): string => `  - kind: architecture
    name: ${name}
    summary: two convolutions
    python: masked.py:${name}
    image: [1, 8, 8]
    params:
      width: { type: integer, minimum: 1, maximum: 64, default: 8, description: channels }
    layers:
      - { name: body, module: body, shape: [width, 4, 4] }
    classifier: { module: fc, layer: pooled, inputs: width }
    multiply_adds: [width, width, 500]
`;
const plugin = `plugin: masked\nsummary: Networks that hide their gradients\nparts:\n${names.map(part).join('')}`;

const sweep = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: masked}
spec:
  plugins: [./masked]
  dataset: [{name: prototypes, classes: 3, trainPerClass: 20, testPerClass: 6, imageSize: 8}]
  architecture: [${names.map((name) => `{name: plugin, as: ${name}, part: masked/${name}, params: {width: 8}}`).join(', ')}]
  training: [{name: ST, epochs: 40, batchSize: 20, schedule: cosine, weightDecay: 0.01}]
  seed: [1..3]
  grids:
    - name: main
      epoch: [1, last]
      split: [train]
      layer: [last]
      attack: [{name: pgd, kind: pgd, steps: 10}, {name: sign, kind: sign-noise}, {name: square, kind: square, queries: 200}]
      epsilon: [0, 32/255]
  execution: {parallelism: 1, evaluationBatchSize: 60}
  report: {claims: su2023}
`;

let folder = '';
let report: SweepReport;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-masked-'));
  await mkdir(path.join(folder, 'masked'));
  await writeFile(path.join(folder, 'masked', 'masked.py'), python);
  await writeFile(path.join(folder, 'masked', 'plugin.yaml'), plugin);
  await writeFile(path.join(folder, 'sweep.yaml'), sweep);
  const store = path.join(folder, 'store');
  const args = [
    'run',
    path.join(folder, 'sweep.yaml'),
    '--backend',
    'torch-cpu',
    '--store',
    store,
    '--out',
    path.join(folder, 'out'),
  ];
  const { exitCode, stderr } = await ncsweep(args, { environment: { KUBECONFIG: path.join(folder, 'none') } });
  expect(exitCode, stderr).toBe(0);
  report = await readReport('masked', { store });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const checksOf = (architecture: string, id: string) =>
  report.verdicts.settings
    .find(({ stratum }) => stratum.architecture === architecture)
    ?.checks.filter((check) => check.id === id)
    .map(({ state, note }) => `${state}: ${note}`);

describe('the report of', () => {
  it('a network that hides nothing finds its gradients', () => {
    expect(checksOf('plain', 'gradients')).toEqual([expect.stringMatching(/^passed: pgd: at most 0 %/)]);
    expect(checksOf('plain', 'gradient-free')).not.toContainEqual(expect.stringContaining('exceeded'));
  });

  it.each(['quantised', 'saturated'])('a %s network says that its gradients are hidden, and decides nothing by them', (name) => {
    expect(checksOf(name, 'gradients')).toEqual([expect.stringMatching(/^failed: pgd: at most /)]);
    expect(checksOf(name, 'gradient-free')).toEqual([expect.stringMatching(/^failed: .*margin [\d.]+: exceeded$/)]);
    const stratum = report.verdicts.sets[0]?.strata.find((each) => each.stratum.architecture === name);
    for (const claim of stratum?.verdicts.slice(0, 2) ?? []) {
      expect(claim).toMatchObject({ outcome: 'Inconclusive', dimmed: true });
      expect(claim.reason).toMatch(/few gradients are zero .pgd: at most [\d.]+ % of examples/);
    }
  });
});
