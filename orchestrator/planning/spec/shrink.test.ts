import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { planSweep } from '../plan/plan.ts';
import { readSweep } from './read-sweep.ts';
import { shrinkSweep } from './shrink.ts';

const sweeps = ['quickstart', 'paper/cifar10', 'paper/cifar100', 'paper/imagenette'];

describe('the sweeps of this repository', () => {
  it.each(sweeps)('%s: a smoke run meets every attack, layer and split in few cells', async (name) => {
    const file = new URL(`../../../sweeps/${name}.yaml`, import.meta.url);
    const { sweep } = readSweep({ bytes: await readFile(file), file: name, set: [] });
    const small = shrinkSweep(sweep);
    const plan = planSweep(small, 'wasm', small.execution.evaluationBatchSize);
    expect(plan.cells.size).toBeLessThan(200);
    expect(plan.trials).toBeGreaterThan(0);
    const attacks = (from: typeof sweep): string[] => from.grids.flatMap((grid) => grid.attacks.map((attack) => attack.name));
    expect(attacks(small)).toEqual(attacks(sweep));
    expect(small.grids.map(({ layers, splits }) => [layers, splits])).toEqual(
      sweep.grids.map(({ layers, splits }) => [layers, splits]),
    );
  });
});
