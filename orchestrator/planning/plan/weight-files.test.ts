import { exampleSweep } from '@ncsweep/catalog/claims/example-sweep';
import { describe, expect, it } from 'vitest';
import { cellLabels } from './cell-label.ts';
import { planSweep } from './plan.ts';
import { weightFiles } from './weight-files.ts';

const plan = planSweep(exampleSweep, 'wasm', 100);
const snapshots = [...plan.cells.values()].filter(({ kind }) => kind === 'snapshot');

describe('weightFiles', () => {
  it('names files as people name snapshots', () => {
    const names = weightFiles(snapshots, cellLabels(plan)).map(({ file }) => file);
    expect(names).toContain('robust-seed-2-epoch-60.safetensors');
    expect(new Set(names).size).toBe(snapshots.length);
  });

  it('keeps names apart that differ in case or punctuation only, and stays inside the folder', () => {
    const labels = ['AT/1', 'at 1', '../up'];
    const files = weightFiles(snapshots.slice(0, 3), (cell) => labels[snapshots.indexOf(cell)] ?? '').map(({ file }) => file);
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(3);
    expect(files[0]).toBe(`AT-1-${snapshots[0]!.cellId.slice(0, 12)}.safetensors`);
    expect(files[2]).toBe('up.safetensors');
  });
});
