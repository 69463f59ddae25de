import { expect, test } from 'vitest';
import type { RecordedRun } from './benchmark.ts';
import { fillMarks, renderResults } from './render-results.ts';

const run: RecordedRun = {
  name: 'toy',
  title: 'A toy',
  baseline: 'peer',
  environment: { peer: '1.2' },
  notes: ['A note.'],
  figures: ['toy/a.svg'],
  ranAt: '2026-01-02T03:04:05.000Z',
  commit: 'abc1234',
  machine: { cores: '2' },
  measurements: [
    { case: 'work', variant: 'peer', unit: 's', samples: [1, 2, 4] },
    { case: 'work', variant: 'ours', unit: 's', samples: [0.5, 0.5, 1], note: 'durable' },
    { case: 'work', variant: 'ours', unit: 'MiB', samples: [12_345] },
  ],
};

test('a table a case and unit, with ratios by repetition against the baseline of that table', () => {
  const text = renderResults([run]);
  expect(text).toContain('| peer | 2 (1–4) | 3 | 1 |  |');
  expect(text).toContain('| ours | 0.5 (0.5–1) | 3 | 0.25 (0.25–0.5) × | durable |');
  expect(text).toContain('| ours | 12,345 | 1 |  |  |');
});

test('docs get the tables between their marks, and keep marks of benchmarks that did not run', () => {
  const text = 'a\n<!-- bench:toy -->\nold\n<!-- /bench -->\nb\n<!-- bench:other -->\nkept\n<!-- /bench -->\n';
  const filled = fillMarks(text, [run], '../bench/');
  expect(filled).toContain('![A toy](../bench/toy/a.svg)');
  expect(filled).not.toContain('old');
  expect(filled).toContain('<!-- bench:other -->\nkept');
  expect(fillMarks(filled, [run], '../bench/')).toBe(filled);
});
