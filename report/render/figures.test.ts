import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { describe, expect, it } from 'vitest';
import { judgeSweep } from '../aggregate/verdict.ts';
import { syntheticTables } from '../testing/synthetic-tables.ts';
import { renderReport } from './render-report.ts';
import { onPaper } from './theme.ts';

/** Two trainings whose names make the same file name. */
const [plain, ...others] = exampleSweep.trainings;
const tables = syntheticTables({ ...exampleSweep, trainings: [plain!, { ...plain!, name: 'plain.' }, ...others] });
const files = renderReport(tables, judgeSweep(tables));
const textOf = (name: string): string => Buffer.from(files.get(name) ?? '').toString();
const named = (ending: string): string[] =>
  [...files.keys()].filter((name) => name.startsWith('figures/') && name.endsWith(ending));
const rowsOf = (name: string): string[][] =>
  textOf(name)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));

describe('figures/', () => {
  it('holds every figure of the page, each as SVG and as CSV', () => {
    const page = textOf('index.html');
    const drawn = [...page.matchAll(/<svg[^>]* id="figure-([^"]+)"/g)].map(([, name]) => name);
    expect(drawn.length).toBeGreaterThan(25);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(named('.svg')).toEqual(drawn.map((name) => `figures/${name}.svg`));
    expect(named('.csv')).toEqual(drawn.map((name) => `figures/${name}.csv`));
  });

  it('has SVGs that need no style sheet, script, font or other file', () => {
    for (const name of named('.svg')) {
      const svg = textOf(name);
      expect(svg, name).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+" viewBox="0 0 \d+ \d+"/);
      expect(svg, name).not.toMatch(/var\(|color-mix|currentColor|<style|<script|href=|url\(/);
    }
  });

  it('names in a legend every line drawn', () => {
    const svg = textOf('figures/curves-accuracy-training-data.svg');
    for (const line of ['plain, pgd10', 'plain, sign', 'robust, pgd10']) expect(svg).toContain(`>${line}</text>`);
    expect(textOf('figures/leap-plain-under-pgd10.svg')).toContain('>middle of an edge</text>');
  });

  it('has the numbers of the tables, a row a seed, with the mean and interval drawn', () => {
    const [header, ...rows] = rowsOf('figures/curves-nc1-training-data-log.csv');
    const names = 'line,epsilon,epsilonValue,seed,value,mean,low,high,n,illConditioned,trials'.split(',');
    expect(header).toEqual(names);
    const at = (row: string[], name: string): string => row[names.indexOf(name)] ?? '';
    for (const row of rows) {
      const trial = tables.trials.find(({ trialId }) => trialId === at(row, 'trials'))!;
      expect(Number(at(row, 'value'))).toBe(trial.metrics['nc1']);
      expect([Number(at(row, 'seed')), at(row, 'epsilon')]).toEqual([trial.seed, trial.epsilon]);
      expect(Number(at(row, 'low'))).toBeLessThanOrEqual(Number(at(row, 'mean')));
      expect(Number(at(row, 'high'))).toBeGreaterThanOrEqual(Number(at(row, 'mean')));
    }
    expect(rows.length).toBeGreaterThan(3 * 2 * 5);
  });

  it('mixes colours as CSS does', () => {
    const mix = (share: number): string => onPaper(`color-mix(in oklab, var(--heat) ${share}%, var(--paper))`);
    expect([mix(0), mix(100)]).toEqual(['#ffffff', '#0060a0']);
    // What Chromium computes for color-mix(in oklab, #0060a0 47%, #fff).
    expect(mix(47)).toBe('#91b3d4');
  });
});
