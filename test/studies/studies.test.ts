import { decidableClaims } from '@ncsweep/catalog/claims/decidable';
import { claimSetsOf } from '@ncsweep/catalog/claims/asked-sets';
import { describe, expect, it } from 'vitest';
import { readmeOf, studyNames, sweepOf } from './study.ts';

describe.each(studyNames)('the study %s', (name) => {
  const sweep = sweepOf(name);

  it('is the sweep of its name, with a claim set of its own that it decides on three seeds', () => {
    expect(sweep.name).toBe(name);
    expect(sweep.seeds).toHaveLength(3);
    const decided = decidableClaims(sweep);
    expect(decided.length).toBe(claimSetsOf(sweep).flatMap(({ claims }) => claims).length);
    expect(decided.filter(({ decidable }) => !decidable)).toEqual([]);
  });

  it('has a control for each of its claims', () => {
    for (const { claims } of claimSetsOf(sweep))
      for (const { number, controls } of claims) expect(controls.length, `claim ${number}`).toBeGreaterThan(0);
  });

  it('says what it asks, where it comes from, what it reproduces and what not, what to expect, and what it costs', () => {
    const sections = [...readmeOf(name).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(['Question', 'Source', 'What is reproduced, and what is not', 'Verdicts', 'Cost']);
  });
});
