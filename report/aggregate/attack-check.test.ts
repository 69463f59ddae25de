import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { describe, expect, it } from 'vitest';
import { syntheticTables } from '../testing/synthetic-tables.ts';
import type { CheckId } from './attack-check.ts';
import { judgeSweep } from './verdict.ts';

const onTraining: Sweep = {
  ...exampleSweep,
  grids: exampleSweep.grids.slice(0, 1).map((g) => ({ ...g, poolings: ['flatten'], splits: ['train'] })),
};
const without = (...names: readonly string[]): Sweep => ({
  ...onTraining,
  grids: onTraining.grids.map((g) => ({ ...g, attacks: g.attacks.filter(({ name }) => !names.includes(name)) })),
});
const check = (tables: SweepTables, id: CheckId) =>
  judgeSweep(tables).settings[0]?.checks.find((c) => c.id === id && c.training === 'plain');

describe('attack checks', () => {
  it('name only attacks that were run', () => {
    const order = (...names: readonly string[]) => check(syntheticTables(without(...names)), 'order');
    expect(order()).toMatchObject({ state: 'passed', title: 'PGD ≥ FGSM ≥ noise in strength' });
    expect(order('fgsm')).toMatchObject({ state: 'passed', title: 'PGD ≥ noise in strength' });
    expect(order('fgsm')?.note).toContain('FGSM not run');
    expect(order('sign')).toMatchObject({ state: 'passed', title: 'PGD ≥ FGSM in strength' });
    expect(order('sign')?.note).toContain('noise not run');
    expect(order('fgsm', 'sign')?.state).toBe('not run');
  });

  it('say which attack they looked into, and pass only if every evaluation recorded it', () => {
    const tables = syntheticTables(onTraining);
    expect(check(tables, 'ball')).toMatchObject({ state: 'passed' });
    expect(check(tables, 'ball')?.note).toContain('pgd10: ');
    const [first] = tables.cells.filter(
      ({ scalars, params }) => scalars !== undefined && (params as Record<string, unknown>)['attack'] === 'pgd10',
    );
    const cells = tables.cells.map((cell) => (cell === first ? { ...cell, scalars: {} } : cell));
    const seen = (id: CheckId) =>
      judgeSweep({ ...tables, cells })
        .settings[0]?.checks.filter((c) => c.id === id)
        .map(({ state }) => state);
    for (const id of ['gradients', 'ball'] as const) expect(seen(id)?.sort()).toEqual(['not run', 'passed']);
  });
});
