import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { InvalidSweepError, NotFoundError } from './errors.ts';
import { loadSweep, validateSweep } from './load-sweep.ts';

const text = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: small}
spec:
  dataset: [{name: prototypes, classes: 2, trainPerClass: 16, testPerClass: 4, imageSize: 8}]
  architecture: [{name: mlp, width: 4, depth: 1}]
  training: [{name: ST, epochs: 6, batchSize: 8}]
  seed: [1]
  grids: [{name: clean, epoch: [last]}]
  report: {claims: none}
`;
const wrong = text.replace('width: 4', 'width: four').replace('epochs: 6', 'epoch: 6');

let folder = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-load-'));
  file = path.join(folder, 'small.yaml');
  await writeFile(file, text);
});
afterAll(() => rm(folder, { recursive: true }));

describe('loadSweep', () => {
  it('reads a path, a URL and text alike, and applies overrides', async () => {
    const sweep = await loadSweep(file);
    expect(sweep).toMatchObject({ name: 'small', seeds: [1] });
    expect(await loadSweep(pathToFileURL(file))).toEqual(sweep);
    expect(await loadSweep({ text })).toEqual(sweep);
    expect(await loadSweep({ text }, { set: ['seed=[1,2]'] })).toEqual({ ...sweep, seeds: [1, 2] });
  });

  it('throws every problem as data, with place, found, expected and remedy', async () => {
    const error: unknown = await loadSweep({ text: wrong, name: 'mine' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidSweepError);
    const { problems } = error as InvalidSweepError;
    expect(problems).toEqual(await validateSweep({ text: wrong, name: 'mine' }));
    expect(problems.map(({ origin, line, path: at }) => [origin, line, at.join('.')])).toEqual(
      expect.arrayContaining([
        ['mine', 6, 'spec.architecture.0.width'],
        ['mine', 7, 'spec.training.0.epoch'],
      ]),
    );
    for (const { found, expected, remedy } of problems)
      expect([found, expected, remedy].every((each) => typeof each === 'string')).toBe(true);
  });

  it('finds relative paths from the folder of the text', async () => {
    const imported = text.replace('{name: ST, epochs: 6, batchSize: 8}', '{name: ST, from: weights.safetensors}');
    await writeFile(path.join(folder, 'weights.safetensors'), 'weights');
    const { sources } = await loadSweep({ text: imported, folder });
    expect(Object.values(sources)).toEqual([path.join(folder, 'weights.safetensors')]);
  });

  it('says which file is not there', async () => {
    await expect(loadSweep(path.join(folder, 'none.yaml'))).rejects.toThrow(NotFoundError);
  });

  it('is cancelled by its signal', async () => {
    const reason = new Error('enough');
    await expect(loadSweep(file, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('validateSweep', () => {
  it('has no problem with a valid sweep', async () => expect(await validateSweep(file)).toEqual([]));

  it('prints nothing and leaves the exit code', async () => {
    const prints = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockReturnValue(true));
    await validateSweep({ text: wrong });
    const printed = prints.flatMap((each) => each.mock.calls);
    vi.restoreAllMocks();
    expect(printed).toEqual([]);
    expect(process.exitCode).toBeUndefined();
  });
});
