import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import type { Cell } from '@ncsweep/catalog/cell';
import { describe, expect, it } from 'vitest';
import { cellFiles } from './cell-files.ts';
import { cellLabels } from './cell-label.ts';
import { planSweep } from './plan.ts';

const plan = planSweep(exampleSweep, 'wasm', 100);
const snapshots = [...plan.cells.values()].filter(({ kind }) => kind === 'snapshot');

describe('cellFiles', () => {
  it('names files as people name snapshots', () => {
    const names = cellFiles(snapshots, cellLabels(plan), '.safetensors').map(({ file }) => file);
    expect(names).toContain('robust-seed-2-epoch-60.safetensors');
    expect(new Set(names).size).toBe(snapshots.length);
  });

  it('keeps names apart that differ in case or punctuation only, and stays inside the folder', () => {
    const labels = ['AT/1', 'at 1', '../up'];
    const labelOf = (cell: Cell): string => labels[snapshots.indexOf(cell)] ?? '';
    const files = cellFiles(snapshots.slice(0, 3), labelOf, '.safetensors').map(({ file }) => file);
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(3);
    expect(files[0]).toBe(`AT-1-${snapshots[0]!.cellId.slice(0, 12)}.safetensors`);
    expect(files[2]).toBe('up.safetensors');
  });
});
