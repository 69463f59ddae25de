import { describe, expect, it } from 'vitest';
import { epsilonTexts } from './epsilon-axis.ts';

const epsilons = (...written: readonly (readonly [label: string, value: string])[]) =>
  written.map(([label, value]) => ({ label, value }));

describe('epsilonTexts', () => {
  it('writes numerators where every budget is a fraction of 255', () => {
    const { label, of } = epsilonTexts(epsilons(['0', '0/1'], ['4/255', '4/255'], ['17/255', '1/15']));
    expect(label).toContain('k/255');
    expect([0, 4 / 255, 17 / 255].map(of)).toEqual(['0', '4', '17']);
  });

  it('writes budgets as the user did where one is written otherwise', () => {
    const { label, of } = epsilonTexts(epsilons(['0', '0/1'], ['0.05', '1/20'], ['8/255', '8/255'], ['1/2', '1/2']));
    expect(label).not.toContain('255');
    expect([0, 0.05, 8 / 255, 0.5].map(of)).toEqual(['0', '0.05', '8/255', '1/2']);
  });
});
