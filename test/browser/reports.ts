/** The reports that the browser opens: one as it should be, and one in which much went wrong. */
import { exampleSweep, grid, pgd, recipe } from '@ncsweep/catalog/testing/example-sweep';
import { claimSetsOf } from '@ncsweep/catalog/claims/asked-sets';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { exampleSet } from '@ncsweep/catalog/testing/example-set';
import { judgeSets, judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { syntheticTables, type Fixture } from '@ncsweep/report/testing/synthetic-tables';
import type { SweepReport } from 'ncsweep';

/** Two architectures with long names and many layers, attacks of two norms, three trainings of which one is broken in one seed, and no adaptive control. */
const hardSweep: Sweep = {
  ...exampleSweep,
  name: 'a-sweep-with-a-rather-long-name-and-much-that-failed',
  architectures: [
    { name: 'preact-resnet18-width-64', params: { name: 'preact-resnet18', width: 64, depth: 8 } },
    { name: 'vgg11-bn', params: { name: 'vgg11-bn', width: 64, depth: 8 } },
  ],
  trainings: [
    ...exampleSweep.trainings,
    {
      name: 'trades-with-beta-6',
      params: recipe({
        loss: 'trades',
        beta: 6,
        attack: { norm: 'linf', epsilon: '8/255', steps: 10, stepSize: { kind: 'absolute', value: '2/255' }, randomStart: true },
      }),
    },
  ],
  grids: [
    grid('robustness', {
      attacks: [pgd('pgd10'), { name: 'gaussian', params: { kind: 'gaussian-noise' } }],
      epsilons: ['0', '1/255', '2/255', '3/255', '4/255', '6/255', '8/255', '12/255', '16/255', '64/255'].map((label) => ({
        label,
        value: label === '0' ? '0/1' : label,
      })),
      splits: ['train', 'test'],
    }),
    grid('l2', {
      attacks: [pgd('pgd10-l2', { norm: 'l2' }), { name: 'sphere', params: { kind: 'sphere-noise' } }],
      epsilons: ['64/255', '128/255', '2'].map((label) => ({ label, value: label === '2' ? '2/1' : label })),
      splits: ['train', 'test'],
    }),
  ],
};

/** Two datasets, compared by a second set of claims and judged apart by the first. */
const [few] = exampleSweep.datasets;
const severalSweep: Sweep = {
  ...exampleSweep,
  name: 'two-claim-sets',
  datasets: [few!, { name: 'large', params: { ...few!.params, classes: 20 } as (typeof few & object)['params'] }],
  grids: [...exampleSweep.grids, grid('tested', { splits: ['train', 'test'] })],
};

function judged(sweep: Sweep, fixture?: Fixture): SweepReport {
  const tables = syntheticTables(sweep, fixture);
  return { tables, verdicts: judgeSweep(tables) };
}

function severalSets(): SweepReport {
  const tables = syntheticTables(severalSweep);
  return { tables, verdicts: judgeSets(tables, [...claimSetsOf(severalSweep), { set: exampleSet, claims: exampleSet.claims }]) };
}

export const reports: Readonly<Record<string, () => SweepReport>> = {
  example: () => judged(exampleSweep),
  hard: () => judged(hardSweep, { parked: [{ training: 'trades-with-beta-6', seed: 2 }] }),
  'one-seed': () => judged({ ...exampleSweep, seeds: [7], grids: exampleSweep.grids.slice(0, 1) }),
  'two-claim-sets': severalSets,
};
