/**
 * What the small sweep must produce, byte for byte: digests of its science files, and part of them as text, so that differences
 * are readable.
 * wasm has one thread, and its arithmetic does not depend on the CPU's extensions: the numbers were equal with AVX, FMA and SSE4.2 switched
 * off in Node, and with its other compiler.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '@ncsweep/protocol/canonical';

/** Excludes report.md and index.html, which are words and pictures about the numbers, and provenance.json, which names the machine. */
const scienceFiles = ['results.csv', 'matrices.csv'];

/** Columns of results.csv that choose the rows shown. */
const shown: Readonly<Record<string, readonly string[]>> = {
  seed: ['1'],
  split: ['train'],
  layer: ['conv1', 'gap'],
  pooling: ['flatten'],
  labels: ['given', 'target'],
};

function excerpt(csv: string): string {
  const [header = '', ...rows] = csv.trimEnd().split('\n');
  const names = header.split(',');
  const isShown = (row: string): boolean => {
    const values = row.split(',');
    return Object.entries(shown).every(([name, listed]) => listed.includes(values[names.indexOf(name)] ?? ''));
  };
  return [header, ...rows.filter(isShown), ''].join('\n');
}

/** Golden files of a report, by name. @param folder where `ncsweep run` wrote it */
export function goldenScience(folder: string): ReadonlyMap<string, string> {
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const tables = readdirSync(path.join(folder, 'tables'))
    .map((name) => `tables/${name}`)
    .sort();
  const digests = [...scienceFiles, ...tables].map((file) => `${sha256(read(file))}  ${file}\n`);
  return new Map([
    ['SHA256SUMS', digests.join('')],
    ['results-excerpt.csv', excerpt(read('results.csv'))],
    ...tables.map((file) => [file, read(file)] as const),
  ]);
}
