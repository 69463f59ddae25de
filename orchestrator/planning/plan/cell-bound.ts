/** How many cells a sweep may have, and how many it has at least: by multiplication, so that a far too large one is refused at once. */
import type { Grid, Named, Sweep } from '@ncsweep/catalog/sweep';
import { axesOf } from './grid-points.ts';
import { Interner } from './interner.ts';
import { epochsOf, keptEpochs } from './trials.ts';

/** The most cells that a sweep may have. A million take nearly a gigabyte to plan. */
export const mostCells = 2_000_000;

function distinct<T>(entries: readonly Named<T>[]): T[] {
  const interner = new Interner();
  return [...new Map(entries.map(({ params }) => [interner.number(params), params])).values()];
}

/** Only its points show how a filter or a zip cuts a grid, and whether rows by other labels exist. */
const isPlain = ({ only, exclude, zip, labels }: Grid): boolean =>
  only.length + exclude.length + zip.length === 0 && labels.includes('given');

/** @returns the number of cells that a grid would have alone, kept snapshots included; 0 where only its points can tell */
export function leastCells(sweep: Sweep, grid: Grid): number {
  const { attack, epsilon, seed, split } = axesOf(sweep, grid);
  if (!isPlain(grid) || epsilon.length === 0) return 0;
  const budgets = new Set(epsilon.map(({ value }) => value));
  const perturbed = budgets.size - Number(budgets.has('0/1'));
  const attacks = distinct(attack).filter(({ kind }) => kind !== 'none').length;
  const evaluations = new Set(split).size * (1 + attacks * perturbed);
  const ofRecipes = distinct(sweep.trainings).map((recipe) => {
    const evaluated = new Set(grid.epochs.flatMap((selector) => epochsOf(selector, sweep, recipe)));
    // A training that no grid evaluates is not planned at all.
    if (evaluated.size === 0) return 0;
    return new Set([...evaluated, ...keptEpochs(sweep, recipe)]).size + evaluated.size * evaluations;
  });
  const networks = distinct(sweep.datasets).length * distinct(sweep.architectures).length * new Set(seed).size;
  return networks * ofRecipes.reduce((a, b) => a + b, 0);
}
