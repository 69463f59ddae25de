import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { controls } from './controls.ts';
import { decidableClaims } from './decidable.ts';
import type { Sweep } from '../sweep.ts';
import { attack, exampleSweep, grid, pgd, recipe } from '../testing/example-sweep.ts';
import { holds, type Point } from './points.ts';
import { rolesOf, strataOf } from './roles.ts';
import { su2023 } from './su2023.ts';

const stratum = { dataset: 'prototypes', architecture: 'convnet', norm: 'linf' } as const;
const without = (...names: string[]): Sweep => ({
  ...exampleSweep,
  grids: exampleSweep.grids.filter((g) => !names.includes(g.name)),
});
const point: Point = {
  dataset: 'prototypes',
  architecture: 'convnet',
  training: 'robust',
  seed: 2,
  epoch: 60,
  attack: 'pgd10',
  epsilon: '8/255',
  layer: 'conv2',
  pooling: 'gap',
  split: 'test',
  labels: 'given',
};

describe('rolesOf', () => {
  it('finds roles by what they do, whatever they are called', () => {
    const roles = rolesOf(exampleSweep, su2023, stratum);
    expect(roles.trainings['ST']?.name).toBe('plain');
    expect(roles.trainings['AT']?.name).toBe('robust');
    expect(Object.fromEntries(Object.entries(roles.attacks).map(([k, v]) => [k, v?.name]))).toEqual({
      pgd: 'pgd10',
      noise: 'sign',
      fgsm: 'fgsm',
      adaptive: 'ncc-pgd10',
      'adaptive-scale-free': 'ncc-dlr-pgd10',
      'adaptive-stronger': 'ncc-pgd20',
      stronger: 'pgd50',
    });
  });

  it('gives each norm its own attack, noise, training and epsilon', () => {
    const l2 = { ...attack, norm: 'l2' as const, epsilon: '1/2' };
    const both: Sweep = {
      ...exampleSweep,
      trainings: [...exampleSweep.trainings, { name: 'robust-l2', params: recipe({ attack: l2 }) }],
      grids: [
        ...exampleSweep.grids,
        grid('l2', {
          attacks: [pgd('pgd10-l2', { norm: 'l2' }), { name: 'sphere', params: { kind: 'sphere-noise' } }],
          epsilons: [{ label: '128/255', value: '128/255' }],
        }),
      ],
    };
    expect(strataOf(both, su2023).map((s) => s.norm)).toEqual(['linf', 'l2']);
    const [linf, two] = strataOf(both, su2023).map((s) => rolesOf(both, su2023, s));
    expect([linf?.attacks.noise?.name, two?.attacks.noise?.name]).toEqual(['sign', 'sphere']);
    expect([linf?.trainings['AT']?.name, two?.trainings['AT']?.name]).toEqual(['robust', 'robust-l2']);
    expect([linf?.epsilon?.label, two?.epsilon?.label]).toEqual(['8/255', '128/255']);
    expect(two?.attacks.fgsm).toBeUndefined();
  });

  it('lets gaussian noise, which has the size of neither norm, play no role', () => {
    const gaussian = { name: 'gaussian', params: { kind: 'gaussian-noise' as const } };
    const grids = [grid('g', { attacks: [pgd('pgd10'), gaussian], epsilons: [{ label: '8/255', value: '8/255' }] })];
    expect(rolesOf({ ...exampleSweep, grids }, su2023, stratum).attacks.noise).toBeUndefined();
  });

  it.each([
    ['the training epsilon when evaluated', recipe({ attack: null }), ['2/255', '8/255'], '8/255'],
    ['8/255 without one', recipe(), ['8/255', '16/255'], '8/255'],
    ['the largest with PGD and noise', recipe(), ['2/255', '10/255', '4/255'], '10/255'],
  ])('takes as headline epsilon %s', (_, training, labels, expected) => {
    const sweep: Sweep = {
      ...exampleSweep,
      trainings: [{ name: 'a', params: training }],
      grids: [
        grid('g', { attacks: exampleSweep.grids[0]!.attacks, epsilons: labels.map((label) => ({ label, value: label })) }),
        grid('pgd only', { attacks: [pgd('pgd10')], epsilons: [{ label: '32/255', value: '32/255' }] }),
      ],
    };
    expect(rolesOf(sweep, su2023, stratum).epsilon?.label).toBe(expected);
  });
});

describe('holds', () => {
  it('crosses the axes of a grid', () => {
    expect(holds(exampleSweep, point)).toBe(true);
    for (const change of [{ seed: 4 }, { epsilon: '3/255' }, { attack: 'pgd11' }, { layer: 'conv9' }, { epoch: 59 }])
      expect(holds(exampleSweep, { ...point, ...change })).toBe(false);
  });

  it('shares the clean point between attacks and gives vectors one pooling', () => {
    expect(holds(exampleSweep, { ...point, attack: 'none', epsilon: '0/1' })).toBe(true);
    expect(
      holds(
        { ...exampleSweep, grids: [grid('g', { poolings: ['gap'], layers: ['last'] })] },
        {
          ...point,
          attack: 'none',
          epsilon: '0/1',
          layer: 'gap',
          pooling: 'flatten',
          split: 'train',
        },
      ),
    ).toBe(true);
  });

  it('obeys only, exclude and zip', () => {
    const base = exampleSweep.grids[0]!;
    const narrowed = (change: object): Sweep => ({ ...exampleSweep, grids: [{ ...base, ...change }] });
    expect(holds(narrowed({ only: [{ training: ['plain'] }] }), point)).toBe(false);
    expect(holds(narrowed({ only: [{ training: ['plain'] }, { seed: ['2'] }] }), point)).toBe(true);
    expect(holds(narrowed({ exclude: [{ attack: ['pgd10'], epsilon: ['8/255'] }] }), point)).toBe(false);
    const zip = { epochs: [30, 'last'], layers: ['conv1', 'conv2'], zip: [['epoch', 'layer']] };
    expect(holds(narrowed(zip), point)).toBe(true);
    expect(holds(narrowed(zip), { ...point, epoch: 30 })).toBe(false);
  });
});

describe('decidableClaims', () => {
  it('decides all four on the example', () => {
    expect(decidableClaims(exampleSweep)).toMatchObject(
      [1, 2, 3, 4].map((claim) => ({ claim, decidable: true, missing: [], seeds: 3, datasets: 1, architectures: 1 })),
    );
  });

  it('prints the YAML that is missing', () => {
    const [one, two, three, four] = decidableClaims(without('over-training', 'adaptive'));
    expect([one, two, three, four].map((c) => c?.decidable)).toEqual([false, true, false, false]);
    expect(one?.missing).toEqual([
      'grids: [{name: st-clean-first, only: {training: [plain]}, epoch: [1], epsilon: [0], layer: [last], pooling: [flatten], split: [train]}]',
    ]);
    expect(three?.missing).toHaveLength(6);
    for (const line of three?.missing ?? []) expect(parse(line)).toMatchObject({ grids: [{ layer: ['last'] }] });
    for (const objective of ['ncc', 'ncc-dlr']) expect(four?.missing.join()).toContain(`objective: ${objective},`);
  });

  it('asks for the training that is missing', () => {
    const [, , three] = decidableClaims({ ...exampleSweep, trainings: exampleSweep.trainings.slice(0, 1) });
    expect(three?.missing[0]).toContain('training: [{name: AT');
  });

  it('counts only the seeds that have every point', () => {
    const grids = exampleSweep.grids.map((g) => (g.name === 'adaptive' ? { ...g, exclude: [{ seed: ['3'] }] } : g));
    expect(decidableClaims({ ...exampleSweep, seeds: [1, 2, 3, 4], grids }).map((c) => c.seeds)).toEqual([4, 4, 3, 3]);
  });

  it('decides nothing with two seeds, and says what would', () => {
    const [one] = decidableClaims({ ...exampleSweep, seeds: [1, 2] });
    expect(one).toMatchObject({ decidable: false, missing: ['seed: [1..3]'] });
  });

  it('asks for the controls without which nothing is decided', () => {
    const [one, , three, four] = decidableClaims(without('strength'));
    expect([one?.decidable, three?.decidable, four?.decidable]).toEqual([true, false, true]);
    expect(three?.missing.join()).toContain('steps: 100');
    const gapOnly = exampleSweep.grids.map((g) => (g.name === 'over-training' ? { ...g, poolings: ['gap' as const] } : g));
    const untrained = decidableClaims({ ...exampleSweep, grids: gapOnly })[3];
    expect(untrained?.decidable).toBe(false);
    expect(untrained?.missing.join()).toContain('epoch: [0]');
  });

  it('asks about TRADES where the sweep trains with it', () => {
    const trades = { name: 'T', params: recipe({ loss: 'trades', attack, beta: 6 }) };
    const claims = decidableClaims({ ...exampleSweep, trainings: [...exampleSweep.trainings, trades] });
    expect(claims.map((c) => [c.claim, c.decidable])).toEqual([1, 2, 3, 4, 5].map((claim) => [claim, true]));
  });

  it('is silent when the report asks for no claims', () => {
    expect(decidableClaims({ ...exampleSweep, report: { claims: [], confidence: 0.95 } })).toEqual([]);
  });
});

describe('controls', () => {
  it('names those present and absent', () => {
    expect(controls(exampleSweep).absent).toEqual(['a search without gradients']);
    expect(controls(exampleSweep).present).toContain('sign noise');
    expect(controls(without('strength', 'over-training'))).toMatchObject({
      absent: ['PGD with more steps', 'a search without gradients', 'untrained network'],
    });
  });
});
