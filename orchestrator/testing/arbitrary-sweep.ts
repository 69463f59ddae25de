/** Small random sweeps for property tests: every axis, with zips and narrowing, small enough to check by brute force. */
import { exampleSweep, grid, pgd, recipe } from '@ncsweep/catalog/testing/example-sweep';
import type { Perturbing } from '@ncsweep/catalog/attacks';
import type { EpochSelector, Grid, Named, Sweep } from '@ncsweep/catalog/sweep';
import fc from 'fast-check';

export const epsilon = (label: string) => ({ label, value: label === '0' ? '0/1' : label });

const attacks: readonly Named<Perturbing>[] = [
  pgd('pgd10'),
  pgd('target', { target: 'next-class' }),
  { name: 'fgsm', params: { kind: 'fgsm', target: 'none' } },
  { name: 'sign', params: { kind: 'sign-noise' } },
  { name: 'sphere', params: { kind: 'sphere-noise' } },
  pgd('ball', { norm: 'l2', start: 'ball' }),
];

const some = <T>(...values: T[]) => fc.subarray(values, { minLength: 1 });

const arbitraryGrid: fc.Arbitrary<Grid> = fc
  .record({
    epochs: some<EpochSelector>(0, 3, 10, 'last', 'snapshots', 99),
    attacks: fc.subarray([...attacks]),
    epsilons: some(...['0', '2/255', '8/255'].map(epsilon)),
    layers: some('all', 'last', 'input', 'conv2'),
    poolings: some<'flatten' | 'gap'>('flatten', 'gap'),
    splits: some<'train' | 'test'>('train', 'test'),
    labels: some<'given' | 'predicted' | 'target'>('given', 'predicted', 'target'),
    only: fc.constantFrom([], [{ training: ['plain'] }], [{ layer: ['conv2'] }, { epoch: ['last'] }]),
    exclude: fc.constantFrom([], [{ training: ['robust'], split: ['test'] }], [{ epsilon: ['8/255'], pooling: ['gap'] }]),
  })
  // Zipped axes have equal lengths.
  .map((axes) => grid('g', { ...axes, zip: axes.epochs.length === axes.layers.length ? [['layer', 'epoch']] : [] }));

export const arbitrarySweep: fc.Arbitrary<Sweep> = fc
  .record({
    grids: fc.array(arbitraryGrid, { minLength: 1, maxLength: 3 }),
    seeds: some(1, 2),
    snapshots: fc.subarray([0, 2, 5, 99]),
    parallelism: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ parallelism, ...rest }) => ({
    ...exampleSweep,
    ...rest,
    trainings: [
      { name: 'plain', params: recipe({ epochs: 10 }) },
      { name: 'robust', params: recipe({ epochs: 8 }) },
      { name: 'import', params: { kind: 'import', weightsSha256: 'e'.repeat(64) } },
    ],
    execution: { ...exampleSweep.execution, parallelism },
  }));
