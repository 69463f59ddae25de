import { describe, expect, it } from 'vitest';
import { digestOf } from '@ncsweep/protocol/canonical';
import { evaluateCell, snapshotCell } from './cell.ts';
import type { SnapshotParams } from './params.ts';

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

  it('do not depend on the order of keys', () => {
    const shuffled = Object.fromEntries(Object.entries(params).reverse()) as unknown as SnapshotParams;
    expect(snapshotCell(shuffled, 'wasm').cellId).toBe(snapshotCell(params, 'wasm').cellId);
  });

  it('change with every parameter and with the backend', () => {
    const base = snapshotCell(params, 'wasm').cellId;
    const others = [
      snapshotCell({ ...params, seed: 2 }, 'wasm'),
      snapshotCell({ ...params, epoch: 79 }, 'wasm'),
      snapshotCell({ ...params, architecture: { ...params.architecture, width: 17 } }, 'wasm'),
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
