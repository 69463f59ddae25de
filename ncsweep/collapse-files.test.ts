import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { metricsInFeatureUnits } from '@ncsweep/collapse/measure';
import { furtherMeasures, metricDictionary } from '@ncsweep/catalog/metrics';
import { readFrom, unpackEntry, zipEntries } from '@ncsweep/protocol/zip-directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collapseFiles } from './collapse-files.ts';

interface Archive {
  readonly name: string;
  /** The arrays features, y and perturbed_features. */
  readonly collapse: string;
}

const fixtures = new URL('../protocol/fixtures/archives.json', import.meta.url);
const { archives } = JSON.parse(readFileSync(fixtures, 'utf8')) as { readonly archives: readonly Archive[] };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ncsweep-npz-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(archives)('an archive of NumPy, $name', ({ collapse }) => {
  const put = (name: string, bytes: Uint8Array): string => {
    writeFileSync(path.join(folder, name), bytes);
    return path.join(folder, name);
  };
  const bytes = Buffer.from(collapse, 'base64');

  it('gives the numbers of its arrays as files of their own', () => {
    const read = readFrom(bytes);
    const [features, labels, perturbedFeatures] = zipEntries(read, bytes.length, 'a').map((entry) =>
      put(entry.name, unpackEntry(read, entry, 'a')),
    );
    const alone = collapseFiles({ features: features!, labels: labels!, perturbedFeatures });
    const npz = put('all.npz', bytes);
    expect(collapseFiles({ features: npz, labels: `${npz}:y`, perturbedFeatures: npz })).toEqual(alone);
    expect(alone.clean['nc1']).toBeGreaterThan(0);
  });

  it('is refused when it lacks the array, or its end', () => {
    const npz = put('all.npz', bytes);
    expect(() => collapseFiles({ features: npz, labels: npz })).toThrow(
      /all\.npz \(--labels\): the arrays features, y, perturbed_features found, labels expected; name one as FILE\.npz:NAME/,
    );
    const cut = put('cut.npz', bytes.subarray(0, -40));
    expect(() => collapseFiles({ features: cut, labels: npz })).toThrow(/cut\.npz \(--features\): an archive without its end/);
  });
});

it('the metrics that scale with features are those whose unit the dictionary says is that of features', () => {
  const scaled = Object.entries(metricDictionary).filter(([, { unit }]) => unit === 'feature units');
  expect(scaled.map(([name]) => name)).toEqual([...metricsInFeatureUnits, ...furtherMeasures.inFeatureUnits]);
});
