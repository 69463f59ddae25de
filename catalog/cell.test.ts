import { describe, expect, it } from 'vitest';
import { digestOf } from '@ncsweep/protocol/canonical';
import { evaluateCell, evaluateVersions, partVersions, snapshotCell, snapshotVersions } from './cell.ts';
import type { LossParams } from './losses.ts';
import type { AttackParams, TrainingAttack } from './attacks.ts';
import type { Norm } from './attacks/norm.ts';
import type { SnapshotParams, TrainRecipe } from './params.ts';

const params: SnapshotParams = {
  dataset: { name: 'prototypes', digest: 'a'.repeat(64), classes: 5, trainPerClass: 100, testPerClass: 40, imageSize: 16 },
  architecture: { name: 'convnet', width: 16, depth: 4 },
  recipe: {
    kind: 'train',
    loss: 'ce',
    attack: null,
    beta: 0,
    batchNorm: 'train',
    epochs: 80,
    batchSize: 50,
    learningRate: 0.1,
    momentum: 0.9,
    weightDecay: 0.01,
    schedule: 'cosine',
  },
  seed: 1,
  epoch: 80,
};

const stepSize = { kind: 'relative', value: '1/4' } as const;

function recipeOf(
  norm: Norm,
  { loss = 'ce' }: { loss?: 'ce' | 'trades' } = {},
  attack: Partial<TrainingAttack> = {},
): TrainRecipe {
  const ofLoss: LossParams = loss === 'ce' ? { loss, beta: 0 } : { loss, beta: 6 };
  const trained = { norm, epsilon: '8/255', steps: 3, stepSize, randomStart: true, ...attack };
  return { ...(params.recipe as TrainRecipe), attack: trained, ...ofLoss };
}
const trained = (...recipe: Parameters<typeof recipeOf>): string =>
  snapshotCell({ ...params, recipe: recipeOf(...recipe) }, 'wasm').cellId;

type Pgd = Extract<AttackParams, { kind: 'pgd' }>;
const pgd = (norm: Norm, change: Partial<Pgd> = {}): Pgd => ({
  kind: 'pgd',
  norm,
  steps: 10,
  stepSize,
  restarts: 1,
  randomStart: true,
  objective: 'ce',
  target: 'none',
  ...change,
});
const others: readonly AttackParams[] = [{ kind: 'fgsm', target: 'none' }, { kind: 'sign-noise' }, { kind: 'gaussian-noise' }];
const evaluated = (attack: AttackParams): string =>
  evaluateCell({ attack, epsilon: '8/255', split: 'train' }, ['b'.repeat(64), 'c'.repeat(64)], {
    backend: 'wasm',
    batchSize: 250,
  }).cellId;

describe('cell ids', () => {
  it('stay what they were: stores hold them', () => {
    const snapshot = snapshotCell(params, 'wasm');
    expect(snapshot.cellId).toBe('92626ca6aac83c08bfa90724dac4a56ad638441c436bb81adacc2e579d7d9163');
    const clean = evaluateCell({ attack: { kind: 'none' }, epsilon: '0/1', split: 'train' }, [snapshot.cellId], {
      backend: 'wasm',
      batchSize: 500,
    });
    expect(clean.cellId).toBe('c3d0f67fbf20a00462fcd8298eef5ede9b4a08d45eb322e041588b24f8999f67');
  });

  it('stay what they were for everything that no norm of L2 enters', () => {
    const kept = [trained('linf'), trained('linf', { loss: 'trades' }), evaluated(pgd('linf')), ...others.map(evaluated)];
    expect(kept).toEqual([
      '00cf20718743be74e4e714074f584565b512b7315ccbb01eaa00ae94a26af6f2',
      'c003f9f51579e0d1334df3c5703e2d3f90e05c3e142dc8978d8260d0553fd97f',
      '9a4b8fb73f310e1098b1b45d69aaf3031431c493ddbe24556bc8e8e4329888d6',
      '759e63b84cbba241ebb7516bae76da01fdccb1175e9af77ccf18fd7d7badab32',
      'ef6c76a850b8fadb29e0fd830e92f1e1fa1ac8f1a3495f1e7dec2acf1d3a092a',
      '96ca2bd96ebb962f48f5c17b5d56b074f9702b4a03f0913b8694e9d2485f325c',
    ]);
  });

  it('are new for L2, whose attacks and trainings changed: none is a result of the version before', () => {
    const ofVersion1 = [
      'a044c1d0acf7c375b650cdfb22b8754851b957d454deacabf10282583f4bcb6a',
      'efd16da7188541e3c0eb2ef5f6647cd4452734df54690a1ba05c68d1fe776471',
      '04eadb0f55c5c517349f04736d5fbc6fa69230ec2d1f5458668364b3acceaa6f',
      'f381f38c2cd367a985baec15fe788ea7ec0aaad5e832fdeaf72f414b16ee7892',
      'ac24d47ab072cd42b9dff9cc087eaa98ff5c100a37ab58c08749e1dbad905018',
    ];
    const now = [
      trained('l2'),
      trained('l2', {}, { start: 'ball' }),
      trained('l2', {}, { randomStart: false }),
      trained('l2', { loss: 'trades' }),
      evaluated(pgd('l2')),
      evaluated(pgd('l2', { start: 'ball' })),
      evaluated(pgd('l2', { randomStart: false })),
    ];
    expect(now.filter((id) => ofVersion1.includes(id))).toEqual([]);
    expect(new Set(now).size).toBe(now.length);
  });

  it('are made of the versions that results record', () => {
    expect(snapshotVersions(params)).toEqual({ data: 1, train: 3 });
    expect(snapshotVersions({ ...params, recipe: recipeOf('linf') })).toEqual({ data: 1, train: 3 });
    expect(snapshotVersions({ ...params, recipe: recipeOf('l2') })).toEqual({ data: 1, train: 3, attack: 2 });
    expect(snapshotVersions({ ...params, recipe: { kind: 'import', weightsSha256: 'e'.repeat(64) } })).toEqual({
      data: 1,
      train: 3,
    });
    expect(evaluateVersions({ kind: 'none' })).toEqual({ data: 1, metrics: 2 });
    expect(evaluateVersions(pgd('linf'))).toEqual({ data: 1, attack: 1, metrics: 2 });
    expect(evaluateVersions({ kind: 'sphere-noise' })).toEqual({ data: 1, attack: 1, metrics: 2 });
    expect(evaluateVersions(pgd('l2'))).toEqual({ data: 1, attack: 2, metrics: 2 });
    const snapshot = snapshotCell({ ...params, recipe: recipeOf('l2') }, 'wasm');
    const { cellId, ...body } = snapshot;
    expect(cellId).toBe(digestOf({ ...body, scienceVersions: snapshotVersions(snapshot.params) }));
  });

  it('name a part from its second version on', () => {
    const part = { name: 'a', summary: '', fields: {} };
    const first = { ...part, science: 1 };
    const corrected = { ...part, name: 'b', science: 2 };
    expect(
      partVersions([
        ['loss', first],
        ['dataset', corrected],
      ]),
    ).toEqual({ 'dataset:b': 2 });
  });

  it('do not depend on the order of keys', () => {
    const shuffled = Object.fromEntries(Object.entries(params).reverse()) as unknown as SnapshotParams;
    expect(snapshotCell(shuffled, 'wasm').cellId).toBe(snapshotCell(params, 'wasm').cellId);
  });

  it('change with every parameter and with the backend', () => {
    const base = snapshotCell(params, 'wasm').cellId;
    const others = [
      snapshotCell({ ...params, seed: 2 }, 'wasm'),
      snapshotCell({ ...params, epoch: 79 }, 'wasm'),
      snapshotCell({ ...params, architecture: { name: 'convnet', width: 17, depth: 4 } }, 'wasm'),
      snapshotCell({ ...params, dataset: { ...params.dataset, digest: 'b'.repeat(64) } }, 'wasm'),
      snapshotCell(params, 'native-cpu'),
    ].map((cell) => cell.cellId);
    expect(new Set([base, ...others]).size).toBe(others.length + 1);
  });

  it('are RFC 8785: numbers in shortest form, keys sorted by UTF-16 code units', () => {
    expect(digestOf({ b: 1e21, a: 0.1, '\u20ac': -0 })).toBe(
      digestOf(JSON.parse('{"a":0.10,"\u20ac":0,"b":1000000000000000000000}')),
    );
  });
});

describe('the id of an evaluation', () => {
  const attacks: readonly AttackParams[] = [
    { kind: 'none' },
    { kind: 'sign-noise' },
    { kind: 'fgsm', target: 'next-class' },
    { kind: 'pgd', norm: 'linf', steps: 10, stepSize, restarts: 1, randomStart: true, objective: 'ce', target: 'none' },
    {
      kind: 'pgd',
      norm: 'l2',
      steps: 3,
      stepSize,
      restarts: 2,
      randomStart: true,
      start: 'ball',
      objective: 'ncc',
      target: 'none',
    },
  ];

  it.each(attacks)('is the digest of its canonical JSON: %j', (attack) => {
    const inputs = ['b'.repeat(64), 'c'.repeat(64)];
    const numerics = { batchSize: 250, backend: 'wasm' } as const;
    for (const split of ['train', 'test'] as const) {
      const { cellId, ...body } = evaluateCell({ split, attack, epsilon: '8/255' }, inputs, numerics);
      expect(cellId).toBe(digestOf({ ...body, scienceVersions: evaluateVersions(attack) }));
      // Again, from the cache.
      expect(evaluateCell({ attack, epsilon: '8/255', split }, [...inputs], numerics).cellId).toBe(cellId);
    }
  });
});
