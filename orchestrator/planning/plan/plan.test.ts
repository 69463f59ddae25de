import { exampleSweep, grid, pgd, recipe } from '@ncsweep/catalog/testing/example-sweep';
import type { Cell } from '@ncsweep/catalog/cell';
import { holds, type Point } from '@ncsweep/catalog/claims/points';
import type { Sweep } from '@ncsweep/catalog/sweep';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySweep, epsilon } from '../../testing/arbitrary-sweep.ts';
import { planSweep, type Plan } from './plan.ts';
import type { Trial } from './trial.ts';
import { trials } from './trials.ts';

const planOf = (sweep: Sweep): Plan => planSweep(sweep, 'wasm', 100);
const withGrid = (change: Parameters<typeof grid>[1], rest: Partial<Sweep> = {}): Sweep => ({
  ...exampleSweep,
  ...rest,
  grids: [grid('g', change)],
});
const count = (plan: Plan, kind: Cell['kind']): number => [...plan.cells.values()].filter((c) => c.kind === kind).length;
const nameOf = ({ place: p, ...t }: Trial): string =>
  [p.training.name, p.seed, p.epoch, p.attack.name, p.epsilon.label, p.split, t.layer, t.pooling, t.labels].join(' ');
const names = (sweep: Sweep): string[] => [...trials(sweep)].map(nameOf);

describe('planSweep on a sweep counted by hand', () => {
  const plan = planOf(exampleSweep);

  it('counts trials', () => {
    // 6 trainings; 11 rows: input and conv1–4 under two poolings, the vector gap under one; clean and 3 attacks × 5 epsilons
    const robustness = 6 * 2 * (1 + 3 * 5) * 11;
    // 5 epochs × {clean, pgd at 8/255} × 6 layers; those at the last epoch are already in the first grid
    const overTraining = 6 * (5 - 1) * 2 * 6;
    expect(plan.trials).toBe(robustness + overTraining + 6 * 3 * 6 + 6);
    expect(plan.askedTwice).toBe(6 * 2 * 6);
  });

  it('counts cells and trainings', () => {
    expect(plan.trainings).toHaveLength(6);
    expect(count(plan, 'snapshot')).toBe(6 * 5);
    expect(count(plan, 'evaluate')).toBe(6 * (2 * 16 + 4 * 2 + 3 + 1));
  });
});

describe('trials', () => {
  it('share the clean evaluation between attacks', () => {
    const attacks = [pgd('a'), pgd('b', { steps: 3 })];
    const sweep = withGrid({ attacks, epsilons: [epsilon('0'), epsilon('8/255')], layers: ['last'] }, { seeds: [1] });
    expect(names({ ...sweep, trainings: exampleSweep.trainings.slice(0, 1) })).toEqual([
      'plain 1 60 none 0 train gap flatten given',
      'plain 1 60 a 8/255 train gap flatten given',
      'plain 1 60 b 8/255 train gap flatten given',
    ]);
    expect(planOf(sweep).askedTwice).toBe(0);
  });

  it('group by targets only under a targeted attack', () => {
    const attacks = [pgd('a'), pgd('t', { target: 'next-class' })];
    const sweep = withGrid(
      { attacks, epsilons: [epsilon('0'), epsilon('8/255')], layers: ['last'], labels: ['given', 'target'] },
      { seeds: [1], trainings: exampleSweep.trainings.slice(0, 1) },
    );
    expect(names(sweep).filter((n) => n.endsWith('target'))).toEqual(['plain 1 60 t 8/255 train gap flatten target']);
    expect(names(sweep)).toHaveLength(4);
  });

  it('resolve epochs by recipe', () => {
    const trainings = [
      { name: 'long', params: recipe({ epochs: 60 }) },
      { name: 'short', params: recipe({ epochs: 7 }) },
      { name: 'import', params: { kind: 'import', weightsSha256: 'a'.repeat(64) } as const },
    ];
    const sweep = withGrid(
      { epochs: [20, 'last', 'snapshots'], layers: ['last'] },
      { trainings, seeds: [1], snapshots: [0, 7, 50] },
    );
    expect(names(sweep).map((n) => n.split(' ').slice(0, 3).join(' '))).toEqual([
      ...['long 1 20', 'long 1 60', 'long 1 0', 'long 1 7', 'long 1 50', 'short 1 7', 'short 1 0', 'import 1 0'],
    ]);
  });

  it('pair zipped axes instead of crossing them', () => {
    const sweep = withGrid(
      { epochs: [10, 'last'], layers: ['conv1', 'conv2'], splits: ['train', 'test'], zip: [['layer', 'epoch']] },
      { seeds: [1], trainings: exampleSweep.trainings.slice(0, 1) },
    );
    expect(names(sweep).map((n) => n.split(' ').slice(2, 7).join(' '))).toEqual([
      ...['10 none 0 train conv1', '10 none 0 test conv1', '60 none 0 train conv2', '60 none 0 test conv2'],
    ]);
  });

  it('keep the clean point when an attack that shares it is excluded', () => {
    const sweep = withGrid({
      attacks: [pgd('a'), pgd('b', { steps: 3 })],
      epsilons: [epsilon('0'), epsilon('8/255')],
      exclude: [{ attack: ['a'] }],
    });
    const attacks = new Set([...trials(sweep)].map(({ place }) => place.attack.name));
    expect([...attacks]).toEqual(['none', 'b']);
  });

  it('are exactly the points that the claims and the report look for', () => {
    const asPoint = ({ place: p, layer, pooling, labels }: Trial): Point => ({
      dataset: p.dataset.name,
      architecture: p.architecture.name,
      training: p.training.name,
      seed: p.seed,
      epoch: p.epoch,
      attack: p.attack.name,
      epsilon: p.epsilon.value,
      split: p.split,
      layer,
      pooling,
      labels,
    });
    const everywhere = (sweep: Sweep): Point[] => {
      const attacks = [...new Map(sweep.grids.flatMap((g) => g.attacks).map((a) => [a.name, a])).values()];
      const everything = grid('all', {
        attacks,
        epochs: [0, 2, 3, 5, 8, 10],
        epsilons: ['0', '2/255', '8/255'].map(epsilon),
        layers: ['all'],
        poolings: ['flatten', 'gap'],
        splits: ['train', 'test'],
        labels: ['given', 'predicted', 'target'],
      });
      return [...trials({ ...sweep, grids: [everything] })].map(asPoint);
    };
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const asked = new Set([...trials(sweep)].map((t) => JSON.stringify(asPoint(t))));
        const held = everywhere(sweep).filter((point) => holds(sweep, point));
        expect(new Set(held.map((point) => JSON.stringify(point)))).toEqual(asked);
      }),
      { numRuns: 25 },
    );
  });

  it('never repeat a row and never ask for an epoch that the recipe does not reach', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const rows = [...trials(sweep)].map((t) => `${t.place.number} ${t.layer} ${t.pooling} ${t.labels}`);
        expect(new Set(rows).size).toBe(rows.length);
        for (const { place } of trials(sweep))
          expect(place.epoch).toBeLessThanOrEqual(place.training.params.kind === 'train' ? place.training.params.epochs : 0);
      }),
      { numRuns: 50 },
    );
  });
});

describe('planSweep', () => {
  const ids = (sweep: Sweep): Set<string> => new Set(planOf(sweep).cells.keys());

  it('is a function of the sweep', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        expect(JSON.stringify([...planOf(sweep).cells])).toBe(JSON.stringify([...planOf(structuredClone(sweep)).cells]));
      }),
      { numRuns: 30 },
    );
  });

  it('plans every input before what needs it', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const seen = new Set<string>();
        for (const cell of planOf(sweep).cells.values()) {
          for (const input of cell.inputs) expect(seen).toContain(input);
          seen.add(cell.cellId);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('gives every trial a cell of its params', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const plan = planOf(sweep);
        for (const { place } of trials(sweep)) {
          const cell = plan.cells.get(plan.cellAt[place.cellNumber] ?? '');
          expect(cell?.params).toEqual({ attack: place.attack.params, epsilon: place.epsilon.value, split: place.split });
          const snapshot = plan.cells.get(cell?.inputs[0] ?? '');
          expect(snapshot?.params).toMatchObject({ recipe: place.training.params, seed: place.seed, epoch: place.epoch });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('adds no cell for a layer, a pooling or a label convention', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const plain = { ...sweep, grids: sweep.grids.map((g) => ({ ...g, only: [], exclude: [], labels: ['given' as const] })) };
        const grids = plain.grids.map((g) => ({
          ...g,
          layers: [...g.layers, 'conv3'],
          poolings: ['flatten', 'gap'] as const,
          labels: ['given', 'predicted', 'target'] as const,
        }));
        expect(ids({ ...plain, grids })).toEqual(ids(plain));
      }),
      { numRuns: 30 },
    );
  });

  it('adds only the cells of a new epsilon', () => {
    const more = exampleSweep.grids.map((g, i) => (i === 0 ? { ...g, epsilons: [...g.epsilons, epsilon('3/255')] } : g));
    const [before, after] = [ids(exampleSweep), planOf({ ...exampleSweep, grids: more })];
    const added = [...after.cells.values()].filter((c) => !before.has(c.cellId));
    expect(added).toHaveLength(6 * 2 * 3);
    expect(added.every((c) => c.kind === 'evaluate' && c.params.epsilon === '3/255')).toBe(true);
    expect([...before].every((id) => after.cells.has(id))).toBe(true);
  });

  it('plans the clean cell of a grid that does not ask for epsilon 0, without rows', () => {
    const sweep = withGrid({ attacks: [pgd('a')], epsilons: [epsilon('8/255')], layers: ['last'] });
    expect(planOf(sweep).trials).toBe(6);
    expect(count(planOf(sweep), 'evaluate')).toBe(12);
  });

  it('keeps snapshots that no grid evaluates', () => {
    const sweep = withGrid({ layers: ['last'] }, { snapshots: [10, 20, 99] });
    expect(planOf(sweep).trainings[0]?.cells.map((c) => c.params.epoch)).toEqual([10, 20, 60]);
  });

  it('trains recipes with equal params once, whatever they are called', () => {
    const trainings = [...exampleSweep.trainings, { name: 'again', params: recipe() }];
    expect(ids({ ...exampleSweep, trainings })).toEqual(ids(exampleSweep));
  });

  it('shares the cells of equal params between rows of both names', () => {
    const twice = withGrid({
      attacks: [pgd('default'), pgd('eps4'), pgd('weak', { steps: 3 })],
      epsilons: [epsilon('0'), epsilon('8/255')],
      layers: ['last'],
    });
    const once = withGrid({ ...twice.grids[0]!, attacks: [pgd('default'), pgd('weak', { steps: 3 })] });
    expect(ids(twice)).toEqual(ids(once));
    const rows = (sweep: Sweep) => Map.groupBy(trials(sweep), ({ place }) => place.attack.name);
    expect([...rows(twice).keys()]).toEqual(['none', 'default', 'eps4', 'weak']);
    expect(rows(twice).get('eps4')).toHaveLength(rows(once).get('default')!.length);
    const cellsOf = (name: string) =>
      rows(twice)
        .get(name)!
        .map(({ place }) => planOf(twice).cellAt[place.cellNumber]);
    expect(cellsOf('eps4')).toEqual(cellsOf('default'));
  });

  it.each(['datasets', 'architectures', 'trainings'] as const)('gives rows to both names of equal %s', (axis) => {
    const [first] = exampleSweep[axis];
    const sweep = { ...exampleSweep, [axis]: [first, { ...first, name: 'again' }] };
    const alone = { ...exampleSweep, [axis]: [first] };
    expect(ids(sweep)).toEqual(ids(alone));
    expect(planOf(sweep).trials).toBe(2 * planOf(alone).trials);
  });

  it('gives other ids on another backend, and another evaluation batch retrains nothing', () => {
    const [a, b] = [planSweep(exampleSweep, 'wasm', 100), planSweep(exampleSweep, 'wasm', 50)];
    const shared = [...a.cells.values()].filter((c) => b.cells.has(c.cellId));
    expect(new Set(shared.map((c) => c.kind))).toEqual(new Set(['snapshot']));
    expect(shared).toHaveLength(count(a, 'snapshot'));
    expect([...planSweep(exampleSweep, 'native-cpu', 100).cells.keys()].some((id) => a.cells.has(id))).toBe(false);
  });
});
