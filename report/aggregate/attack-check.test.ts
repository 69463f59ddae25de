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

  it('say which attacks they looked into, and pass only what every evaluation recorded', () => {
    const tables = syntheticTables(onTraining);
    expect(check(tables, 'ball')).toMatchObject({ state: 'passed', attacks: ['pgd10', 'fgsm', 'sign'] });
    expect(check(tables, 'gradients')).toMatchObject({ state: 'passed', attacks: ['pgd10', 'fgsm'] });
    const [first] = tables.cells.filter(
      ({ scalars, params }) => scalars !== undefined && (params as Record<string, unknown>)['attack'] === 'pgd10',
    );
    const cells = tables.cells.map((cell) => (cell === first ? { ...cell, scalars: {} } : cell));
    const seen = (id: CheckId) =>
      judgeSweep({ ...tables, cells })
        .settings[0]?.checks.filter((c) => c.id === id)
        .map(({ state }) => state);
    for (const id of ['gradients', 'ball'] as const) expect(seen(id)?.sort()).toEqual(['not run', 'passed', 'passed']);
  });

  /** Tables in which one attack on one training has other scalars. */
  const recording = (attack: string, scalars: Readonly<Record<string, number>>): SweepTables => {
    const tables = syntheticTables(exampleSweep);
    const attacked = new Set(tables.trials.filter((t) => t.attack === attack && t.training === 'plain').map((t) => t.cellId));
    const cells = tables.cells.map((cell) =>
      attacked.has(cell.cellId) ? { ...cell, scalars: { ...cell.scalars, ...scalars } } : cell,
    );
    return { ...tables, cells };
  };

  it.each([
    ['ncc-pgd10', { zero_gradient_share: 0.3 }, [3, 4]],
    ['ncc-dlr-pgd10', { zero_gradient_share: 0.99 }, [4]],
    ['fgsm', { zero_gradient_share: 0.3 }, []],
    ['sign', { perturbation_max: 1 }, [1, 2]],
  ])('of %s dim only the claims that read it', (attack, scalars, expected) => {
    const verdicts = judgeSweep(recording(attack, scalars)).sets[0]?.strata[0]?.verdicts ?? [];
    expect(verdicts.filter((v) => v.dimmed).map((v) => v.claim.number)).toEqual(expected);
    for (const v of verdicts.filter(({ dimmed }) => dimmed)) expect(v.reason).toContain(`${attack}: `);
  });

  it('do not hold against a ratio that it has no gradient for images that are wrong anyway', () => {
    const gradients = judgeSweep(recording('ncc-dlr-pgd10', { zero_gradient_share: 0.3 })).settings[0]?.checks.filter(
      (c) => c.id === 'gradients' && c.training === 'plain',
    );
    expect(gradients?.map((c) => [c.state, c.attacks?.includes('ncc-dlr-pgd10')])).toEqual([
      ['passed', false],
      ['not run', true],
    ]);
  });

  it('fail where a search without gradients, or any other attack, finds what the main one does not', () => {
    const finds = (attack: string) =>
      judgeSweep(
        syntheticTables(more, { change: (m, p) => (p.attack === attack ? { ...m, accuracy: (m['accuracy'] ?? 0) / 2 } : m) }),
      ).settings[0]?.checks.filter((c) => c.training === 'robust' && c.state === 'failed');
    const apgd = { name: 'apgd', params: { kind: 'apgd', norm: 'linf', steps: 5, restarts: 1, objective: 'dlr' } } as const;
    const square = { name: 'square', params: { kind: 'square', norm: 'linf', queries: 100 } } as const;
    const more: Sweep = {
      ...exampleSweep,
      grids: exampleSweep.grids.map((g) => (g.name === 'strength' ? { ...g, attacks: [...g.attacks, apgd, square] } : g)),
    };
    const pgdLike = (attack: string) => finds(attack)?.map((c) => c.id);
    expect(pgdLike('none of them')).toEqual([]);
    expect(pgdLike('apgd')).toEqual(['others']);
    expect(pgdLike('square')).toEqual(['gradient-free']);
  });
});
