import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { cellsWhere } from '@ncsweep/orchestrator/planning/plan/where';
import { expect, it } from 'vitest';
import { clientSweep } from '../testing/client-sweep.ts';
import { filterOf } from './where.ts';

const plan = planSweep(exampleSweep, 'wasm', 100);
const { sweep, ids, board } = clientSweep(plan);
const chosen = (text: string): string[] => ids.filter((_, cell) => filterOf(sweep, text).fits(cell));

it.each([
  'training=robust',
  'training=robust epsilon=8/255,16/255',
  'seed=1 seed=2 split=test',
  'epoch=last attack=pgd10',
  'attack=clean',
  'epsilon=4/255 attack=fgsm training=plain',
])('chooses the cells that --where chooses: %s', (text) => {
  const expected = cellsWhere(plan, text.split(' ')).map(({ cellId }) => cellId);
  expect(chosen(text).sort()).toEqual(expected.sort());
  expect(expected.length).toBeGreaterThan(0);
  expect(filterOf(sweep, text).problem).toBeUndefined();
});

it('chooses by state, as it is now', () => {
  board.set(5, 'parked');
  expect(chosen('state=parked')).toEqual([ids[5]]);
});

it.each([
  ['layer=conv1', /"layer" is not an axis; choose from dataset/],
  ['training=AT', /training=AT; choose from plain, robust/],
  ['robust', /expected axis=value, such as training=plain/],
])('says what is wrong with %s', (text, problem) => {
  expect(filterOf(sweep, text).problem).toMatch(problem);
});
