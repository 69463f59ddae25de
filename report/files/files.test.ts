import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import type { MadeParams } from '@ncsweep/catalog/datasets';
import { metricDictionary, metricFamilies } from '@ncsweep/catalog/metrics';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { TrialRow } from '@ncsweep/protocol/tables';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { judgeSweep } from '../aggregate/verdict.ts';
import { syntheticTables } from '../testing/synthetic-tables.ts';
import { renderReport } from '../render/render-report.ts';
import { csv } from './csv.ts';
import { dataDictionary } from './data-dictionary.ts';
import { escapeLatex } from './latex.ts';
import type { EvaluationRow } from './evaluations.ts';
import { evaluationsParquet, resultsParquet } from './parquet.ts';
import { provenanceJson } from './provenance.ts';
import { matricesCsv, resultsCsv } from './tables-csv.ts';

const tables: SweepTables = syntheticTables(
  { ...exampleSweep, seeds: [1, 2], grids: exampleSweep.grids.slice(2) },
  { parked: [{ training: 'robust', seed: 2 }] },
);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const lines = text(resultsCsv(tables)).split('\r\n');

describe('csv', () => {
  it('quotes what RFC 4180 quotes and writes numbers that read back equal', () => {
    const rows = [
      ['x,y', 'say "hi"'],
      ['line\nbreak', undefined],
      ['plain', 0.1 + 0.2],
      ['zero', -0],
    ];
    expect(text(csv(['a', 'b'], rows, (row) => row))).toBe(
      'a,b\r\n"x,y","say ""hi"""\r\n"line\nbreak",\r\nplain,0.30000000000000004\r\nzero,0\r\n',
    );
  });
});

describe('results.csv', () => {
  it('has a line a trial, science columns first, then metrics in the order of the dictionary', () => {
    expect(lines).toHaveLength(tables.trials.length + 2);
    const header = lines[0]?.split(',') ?? [];
    expect(header.slice(0, 17).join()).toBe(
      'trialId,cellId,dataset,architecture,training,seed,epoch,attack,epsilon,epsilonValue,epsilon255,split,layer,depth,pooling,labels,state',
    );
    const known = Object.entries(metricDictionary).filter(
      ([, e]) => e.shape !== 'classes×classes' && !e.needs.includes('minority'),
    );
    expect(header.slice(17, 17 + known.length)).toEqual(known.map(([name]) => name));
    expect(header.filter((name) => name.includes('minority'))).toEqual([]);
  });

  it('has columns for a minority where a dataset has one', () => {
    const datasets = tables.sweep.datasets.map(({ name, params }) => ({
      name,
      params: { ...params, minorityClasses: 2 } as MadeParams,
    }));
    const [header] = text(resultsCsv({ ...tables, sweep: { ...tables.sweep, datasets } })).split('\r\n');
    expect(header?.split(',')).toEqual(expect.arrayContaining(Object.keys(metricFamilies.minority.entries)));
  });

  it('leaves the numbers of a trial that is not done empty', () => {
    const blocked = lines.find((l) => l.includes(',blocked,'));
    expect(blocked).toMatch(/,blocked,+$/);
  });

  it('names no machine, version or time', () => {
    expect(text(resultsCsv(tables))).not.toMatch(/wasm|fixture|01FIXTURE/);
    expect(provenanceJson(tables)).toContain('01FIXTURE');
  });
});

describe('results.parquet', () => {
  it('reads back as the rows of results.csv', async () => {
    const rows = await parquetReadObjects({ file: resultsParquet(tables).slice().buffer });
    expect(rows).toHaveLength(tables.trials.length);
    rows.forEach((row, i) => {
      const trial = tables.trials[i]!;
      expect(row).toMatchObject({ trialId: trial.trialId, seed: trial.seed, state: trial.state });
      expect(row['nc1'] ?? undefined).toBe(trial.metrics['nc1']);
    });
  });

  it('keeps the order of trials that are more than are written at once', async () => {
    const trials = Array.from({ length: 100_001 }, (_, seed) => ({ ...tables.trials[0]!, seed }));
    const file = resultsParquet({ ...tables, trials }).slice().buffer;
    const rows = await parquetReadObjects({ file, columns: ['seed'] });
    expect(rows.every(({ seed }, i) => seed === i)).toBe(true);
    expect(rows).toHaveLength(trials.length);
  });
});

describe('evaluations.parquet', () => {
  const read = async (of: SweepTables) => parquetReadObjects({ file: evaluationsParquet(of).slice().buffer });

  it('has each evaluation once, with its numbers', async () => {
    const rows = (await read(tables)).filter(({ ran, attack }) => ran === attack);
    const cells = new Set(tables.trials.map(({ cellId }) => cellId));
    expect(new Set(rows.map(({ cellId }) => cellId as string))).toEqual(cells);
    expect(rows).toHaveLength(cells.size);
    for (const { cellId, accuracy, loss } of rows) {
      const { metrics } = tables.trials.find((trial) => trial.cellId === cellId)!;
      expect([accuracy ?? undefined, loss ?? undefined]).toEqual([metrics['accuracy'], metrics['loss']]);
    }
  });

  it('has the whole curve of an attack under its name, from the clean point on', async () => {
    const { trials, ...rest } = syntheticTables({ ...exampleSweep, seeds: [1] });
    const place = ({ dataset, architecture, training, seed, epoch, split }: TrialRow) =>
      [dataset, architecture, training, seed, epoch, split].join();
    const clean = new Set(trials.filter(({ attack }) => attack === 'none').map(place));
    const some = trials.find((trial) => trial.attack !== 'none' && clean.has(place(trial)))!;
    const all = (await read({ ...rest, trials })) as unknown as EvaluationRow[];
    const rows = all.filter((row) => row.attack === some.attack && place(row) === place(some));
    const asked = trials.filter((t) => place(t) === place(some) && [some.attack, 'none'].includes(t.attack));
    expect(new Set(rows.map(({ epsilon }) => epsilon))).toEqual(new Set(asked.map(({ epsilon }) => epsilon)));
    expect(rows).toHaveLength(new Set(asked.map(({ epsilon }) => epsilon)).size);
    expect(rows[0]).toMatchObject({ epsilon: '0', epsilonValue: 0, epsilon255: 0, ran: 'none' });
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows.slice(1)) {
      const { epsilon, epsilonValue, epsilon255 } = row as EvaluationRow & Record<'epsilonValue' | 'epsilon255', number>;
      const [numerator = 0, denominator = 1] = epsilon.split('/').map(Number);
      expect(epsilonValue).toBe(numerator / denominator);
      expect(epsilon255).toBe(numerator);
    }
  });
});

describe('matrices.csv', () => {
  it('has a line an entry', () => expect(text(matricesCsv(tables)).split('\r\n')).toHaveLength(tables.matrices.length + 2));
});

describe('data-dictionary.md', () => {
  it('explains every column of results.csv', () => {
    const dictionary = dataDictionary(tables);
    for (const name of lines[0]?.split(',') ?? []) expect(dictionary).toContain(`| ${name} |`);
  });
  it('counts how attacks were timed', () => {
    const cells = (['fresh', 'in-training', 'fresh', undefined] as const).map((attackTiming) => ({
      ...tables.cells[0]!,
      ...(attackTiming && { attackTiming }),
    }));
    expect(dataDictionary({ ...tables, cells })).toContain('Perturbed evaluations in these files: 2 fresh, 1 in-training.');
  });

  it('says of every attack in which norm its budget is meant', () => {
    const attacks = tables.sweep.grids.flatMap((g) => g.attacks);
    const lines = dataDictionary(tables).split('\n');
    expect(attacks.length).toBeGreaterThan(0);
    for (const { name, params } of attacks)
      expect(lines.find((line) => line.startsWith(`- \`${name}\`: ${params.kind}`))).toMatch(/Linf|L2/);
  });
});

describe('tables/*.tex', () => {
  it('balances its braces and rows', () => {
    const files = [...renderReport(tables, judgeSweep(tables))].filter(([name]) => name.endsWith('.tex'));
    expect(files.length).toBeGreaterThan(0);
    for (const [, content] of files) {
      const tex = String(content);
      expect(tex.match(/(?<!\\)\{/g)?.length).toBe(tex.match(/(?<!\\)\}/g)?.length);
      expect(tex).not.toMatch(/[^\\]_|[°−×]/);
    }
  });
  it('escapes what LaTeX would read as a command', () =>
    expect(escapeLatex('a_b & 5 % −1°')).toBe('a\\_b \\& 5 \\% $-$1$^\\circ$'));
});
