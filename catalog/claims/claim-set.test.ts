import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Sweep } from '../sweep.ts';
import type { Selector } from './claim.ts';
import { defineClaimSet, type ClaimSet } from './claim-set.ts';
import { decideSet } from './decidable.ts';
import { exampleSet } from '../testing/example-set.ts';
import { exampleSweep, grid } from '../testing/example-sweep.ts';
import { rolesOf, strataOf } from './roles.ts';
import { pointsOf } from './select.ts';
import { su2023 } from './su2023.ts';

const [small] = exampleSweep.datasets;
/** Two datasets under names that do not reveal what they are. */
const two: Sweep = {
  ...exampleSweep,
  datasets: [
    { name: 'a', params: { ...small!.params, classes: 20 } as Sweep['datasets'][number]['params'] },
    { name: 'b', params: small!.params },
  ],
  grids: [grid('g', { splits: ['train', 'test'] })],
};
const [claim] = exampleSet.claims;

describe('a claim set that compares datasets', () => {
  it('finds who plays a role by its parameters', () => {
    const { datasets } = rolesOf(two, exampleSet, {});
    expect([datasets['few']?.name, datasets['many']?.name]).toEqual(['b', 'a']);
  });

  it('judges apart along the axes of which it names no role', () => {
    expect(strataOf(two, exampleSet)).toEqual([{ architecture: 'convnet' }]);
    expect(strataOf(two, su2023)).toHaveLength(2);
  });

  it('is decidable where the sweep holds both, and else asks for what is missing', () => {
    const asked = { set: exampleSet, claims: exampleSet.claims };
    expect(decideSet(two, asked)).toMatchObject([{ set: 'example2026', claim: 1, decidable: true, datasets: 2, seeds: 3 }]);
    const [onlyFew] = decideSet({ ...two, datasets: two.datasets.slice(1) }, asked);
    expect(onlyFew).toMatchObject({ decidable: false, missing: ['dataset: [{name: prototypes, classes: 20}]'] });
    const [untested] = decideSet({ ...two, grids: [grid('g', {})] }, asked);
    expect(untested?.missing.map((line): unknown => parse(line))).toMatchObject([
      { grids: [{ only: { dataset: ['b'], training: ['plain'] }, split: ['test'] }] },
      { grids: [{ only: { dataset: ['a'], training: ['plain'] }, split: ['test'] }] },
    ]);
  });

  it('reads a budget of its own where a selector names one', () => {
    const roles = rolesOf(exampleSweep, su2023, strataOf(exampleSweep, su2023)[0]!);
    const at = (epsilon?: Selector['epsilon']) =>
      pointsOf(
        exampleSweep,
        roles,
        { training: 'ST', epoch: 'last', attack: 'pgd', layer: 'last', ...(epsilon && { epsilon }) },
        1,
      );
    expect([at()?.[0]?.epsilon, at('4/510')?.[0]?.epsilon]).toEqual(['8/255', '2/255']);
  });
});

describe('defineClaimSet', () => {
  const change = (changed: Partial<ClaimSet>) => () => defineClaimSet({ ...(exampleSet as ClaimSet), ...changed });
  const [contrast] = claim!.contrasts;
  const reads = (at: Partial<Selector>): Partial<ClaimSet> => ({
    claims: [{ ...claim!, contrasts: [{ ...contrast!, left: { metric: 'nc1', at: { ...contrast!.left.at, ...at } } }] }],
  });

  it.each([
    ['a dataset role', reads({ dataset: 'none' }), 'claim 1 of example2026 names dataset none, expected one of few, many'],
    ['an architecture role', reads({ architecture: 'x' }), 'names architecture x, but the set has no architecture roles'],
    ['a training role', reads({ training: 'ST' }), 'names training ST, which is not a role of the set'],
    ['an attack', reads({ attack: 'apgd' }), 'names attack apgd, which is neither common nor a role of the set'],
    ['a headline', { claims: [{ ...claim!, headline: 'none' }] }, 'has no contrast none, which it calls its headline'],
    ['whom a claim is about', { claims: [{ ...claim!, about: 'ST' }] }, 'is about ST, which is not a training role'],
    [
      'a contrast of a section',
      { sections: su2023.sections },
      'section layers of example2026 draws adaptive-raw, which is not an any-layer contrast of claim 4',
    ],
  ])('refuses %s that is not there', (_, changed, message) => {
    expect(change(changed)).toThrow(message);
  });

  it('refuses what nothing could contradict, and two contrasts of one id', () => {
    expect(change({ claims: [{ ...claim!, contrasts: [{ ...contrast!, required: false }] }] })).toThrow('requires no contrast');
    expect(change({ claims: [{ ...claim!, contrasts: [contrast!, contrast!] }] })).toThrow('has two contrasts with the same id');
  });
});
