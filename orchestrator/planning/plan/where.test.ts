import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { describe, expect, it } from 'vitest';
import { cellLabels } from './cell-label.ts';
import { planSweep } from './plan.ts';
import { cellsWhere } from './where.ts';

const plan = planSweep(exampleSweep, 'wasm', 100);
const label = cellLabels(plan);
const labels = (...where: string[]): string[] => cellsWhere(plan, where).map(label);

describe('--where', () => {
  it('narrows over several axes and widens within one', () => {
    const found = labels('training=robust', 'seed=1,3', 'attack=pgd10', 'epsilon=8/255', 'epoch=last', 'split=test');
    expect(found).toEqual(['robust seed 1 epoch 60 pgd10 8/255 test', 'robust seed 3 epoch 60 pgd10 8/255 test']);
    expect(labels('seed=1', 'seed=2')).toHaveLength(labels('seed=1').length + labels('seed=2').length);
    expect(labels()).toHaveLength(plan.cells.size);
  });

  it('knows clean cells by both their names, and snapshots by their own axes', () => {
    expect(labels('attack=clean')).toEqual(labels('attack=none'));
    expect(labels('attack=clean').every((each) => /clean (train|test)$/.test(each))).toBe(true);
    const snapshots = cellsWhere(plan, ['training=plain', 'epoch=30'], 'snapshot').map(label);
    expect(snapshots).toEqual(['plain seed 1 epoch 30', 'plain seed 2 epoch 30', 'plain seed 3 epoch 30']);
  });

  it.each([
    ['trainig=plain', /"trainig" is not an axis; did you mean "training"\?/],
    ['training=robst', /no cells of the sweep have "robst"; did you mean "robust"\?/],
    ['seed=9', /"9"; choose one of 1, 2, 3/],
    ['layer=last', /layer chooses rows, and cells have all of them/],
    ['training', /expected axis=value/],
  ])('refuses %s', (text, message) => {
    expect(() => cellsWhere(plan, [text])).toThrow(message);
  });

  it('says which axes snapshots lack', () => {
    expect(() => cellsWhere(plan, ['attack=pgd10'], 'snapshot')).toThrow(
      /weights have no attack; choose by dataset, architecture/,
    );
  });
});
