import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { plannedData } from '@ncsweep/orchestrator/planning/plan/planned-data';
import { InvalidSweepError, NotFoundError } from './errors.ts';
import { loadSweep, validateSweep } from './load-sweep.ts';
import { planSweep } from './plan-sweep.ts';

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

const imported = text.replace('{name: ST, epochs: 6, batchSize: 8}', '{name: ST, from: weights.safetensors}');

/** The header of a GIF. */
const gif = (width: number, height: number): Buffer =>
  Buffer.concat([Buffer.from('GIF89a'), Buffer.from(Uint16Array.of(width, height).buffer), Buffer.alloc(8)]);

/** Shapes by name. */
type Shapes = Readonly<Record<string, readonly number[]>>;

/** Zeros in a safetensors file. */
function weights(shapes: Shapes): Buffer {
  let end = 0;
  const header = Object.entries(shapes).map(([name, shape]) => {
    const start = end;
    end += 4 * shape.reduce((a, b) => a * b, 1);
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(end)]);
}

const fitting: Shapes = { 'fc1.weight': [4, 64], 'fc1.bias': [4], 'classifier.weight': [2, 4], 'classifier.bias': [2] };

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
    await writeFile(path.join(folder, 'weights.safetensors'), weights(fitting));
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

  it('names what is missing and what cannot be meant at once, each once, in the order of the file', async () => {
    const many = text
      .replace(
        /\[\{name: prototypes.*\]/,
        '[{name: cifar10, path: nowhere}, {name: mnist, path: small.yaml}, {name: prototypes}]',
      )
      .replace('epochs: 6', 'epochs: six')
      .replace('batchSize: 8}]', 'batchSize: 8}, {name: theirs, from: none.safetensors}]')
      .replace('seed: [1]', 'seed: [01]')
      .replace('epoch: [last]', 'epoch: [last], layer: [fc9], split: [val], attack: [{name: a, kind: fgsm}], epsilon: [8]');
    const problems = await validateSweep({ text: many, folder });
    expect(problems.map(({ line, path: at }) => `${line} ${at.slice(1).join('.')}`)).toEqual([
      '5 dataset.0.path',
      '5 dataset.1.path',
      '7 training.0.epochs',
      '7 training.1.from',
      '8 seed.0',
      '9 grids.0.layer.0',
      '9 grids.0.split.0',
      '9 grids.0.epsilon.0',
    ]);
    const loaded: unknown = await loadSweep({ text: many, folder }).catch((error: unknown) => error);
    expect(loaded).toMatchObject({ problems });
  });

  it('does not judge whether weights fit where the networks are not known', async () => {
    await writeFile(path.join(folder, 'weights.safetensors'), weights(fitting));
    const problems = await validateSweep({ text: imported.replace('width: 4', 'width: 4.5'), folder });
    expect(problems.map(({ path: at }) => at.join('.'))).toEqual(['spec.architecture.0.width']);
  });

  it('prints nothing and leaves the exit code', async () => {
    const prints = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockReturnValue(true));
    await validateSweep({ text: wrong });
    const printed = prints.flatMap((each) => each.mock.calls);
    vi.restoreAllMocks();
    expect(printed).toEqual([]);
    expect(process.exitCode).toBeUndefined();
  });
});

describe('several files that are not what they should be', () => {
  it('are refused together', async () => {
    const both = imported.replace(/\[\{name: prototypes.*\]/, '[{name: mnist, path: nowhere}, {name: cifar10, path: neither}]');
    await writeFile(path.join(folder, 'weights.safetensors'), '');
    const loaded: unknown = await loadSweep({ text: both, folder }).catch((error: unknown) => error);
    expect((loaded as InvalidSweepError).problems.map(({ path: at }) => at.slice(1).join('.'))).toEqual([
      'dataset.0.path',
      'dataset.1.path',
      'training.0.from',
    ]);
  });
});

describe('weights that cannot be meant', () => {
  const problem = async (content: Uint8Array, sweep = imported) => {
    await writeFile(path.join(folder, 'weights.safetensors'), content);
    const problems = await validateSweep({ text: sweep, folder });
    const loaded: unknown = await loadSweep({ text: sweep, folder }).catch((error: unknown) => error);
    expect(loaded).toMatchObject({ problems });
    return problems[0];
  };

  it('are refused where they are named, by validation and reading alike', async () => {
    const wide = { ...fitting, 'fc1.weight': [8, 64], 'fc1.bias': [8], 'classifier.weight': [2, 8] };
    expect(await problem(weights(wide))).toMatchObject({
      line: 7,
      path: ['spec', 'training', 0, 'from'],
      found: expect.stringMatching(/weights\.safetensors: 1 of 4 parameters match/) as string,
      expected: expect.stringMatching(/^the parameters of mlp on prototypes\. fc1\.weight is 8×64, expected 4×64/) as string,
      remedy: 'Probably the same network of another width: its first layer has 8 outputs, expected 4',
    });
    expect(await problem(Buffer.of())).toMatchObject({ found: expect.stringMatching(/an empty file$/) as string });
    expect(await problem(weights(fitting).subarray(0, -1))).toMatchObject({
      found: expect.stringMatching(/end is missing/) as string,
    });
  });

  it('may fit one of two networks; a plan that gives them to the other is refused', async () => {
    const two = imported.replace('[{name: mlp, width: 4, depth: 1}]', '[{name: mlp, width: 4, depth: 1}, {name: convnet}]');
    await writeFile(path.join(folder, 'weights.safetensors'), weights(fitting));
    expect(await validateSweep({ text: two, folder })).toEqual([]);
    const store = path.join(folder, 'store');
    const planned = async (sweep: string) => planSweep(await loadSweep({ text: sweep, folder }), { store, backend: 'wasm' });
    await expect(planned(two)).rejects.toThrow(
      /weights\.safetensors: 1 of \d+ .* expected the parameters of convnet on prototypes/,
    );
    expect(await planned(two.replace('epoch: [last]', 'epoch: [last], only: {architecture: [mlp]}'))).toMatchObject({
      trainings: 1,
    });
  });

  it('are not there', async () => {
    await rm(path.join(folder, 'weights.safetensors'));
    expect(await validateSweep({ text: imported, folder })).toMatchObject([
      { found: expect.stringMatching(/weights\.safetensors: no such file$/) as string },
    ]);
  });
});

describe('image folders', () => {
  const photographs = text
    .replace(/\[\{name: prototypes.*\]/, '[{name: image-folder, path: images}]')
    .replace('width: 4', 'width: 2');
  const put = async (name: string, bytes: Uint8Array) => {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  };

  it('keep the size that all their images have; of several sizes a plan says what becomes of them', async () => {
    for (const split of ['train', 'val'])
      for (const label of ['cat', 'dog']) await put(`images/${split}/${label}/0.gif`, gif(9, 12));
    const own = await loadSweep({ text: photographs, folder });
    expect(own.datasets[0]?.params).toMatchObject({ imageSize: 9 });
    expect(plannedData(own)).toMatchObject([{ image: [9, 9, 3], classes: 2, images: { train: 2, test: 2 }, notes: [] }]);
    const larger = await loadSweep({ text: photographs, folder }, { set: ['dataset[image-folder].imageSize=32'] });
    expect(plannedData(larger)[0]?.notes).toEqual(['images of 9×9 are scaled up to 32×32; imageSize chooses another size']);
    await put('images/train/cat/1.gif', gif(200, 300));
    await put('images/train/cat/2.bmp', Buffer.from('BM'));
    const mixed = plannedData(await loadSweep({ text: photographs, folder }))[0];
    expect(mixed).toMatchObject({ image: [160, 160, 3], images: { train: 3, test: 2 } });
    expect(mixed?.notes).toEqual([
      'images of 9×9 to 200×200 are scaled up to 160×160; imageSize chooses another size',
      'left out: train/cat/2.bmp: .bmp files are not supported',
    ]);
  });

  it('are looked into: labels that no class has and files that are no images are refused with their place', async () => {
    const labels = await loadSweep({ text: photographs, folder }, { set: ['dataset[image-folder].onlyClasses=[0,2]'] }).catch(
      (error: unknown) => error,
    );
    expect(labels).toMatchObject({ problems: [{ path: ['spec', 'dataset', 0, 'onlyClasses', 1], found: '2' }] });
    const set = ['dataset[image-folder].onlyClasses=[0,2]', 'grids[0].layer=[conv1]'];
    const problems = await validateSweep({ text: photographs, folder }, { set });
    expect(problems.map(({ path: at }) => at.slice(-2))).toEqual([
      ['layer', 0],
      ['onlyClasses', 1],
    ]);
    await put('images/val/dog/1.png', Buffer.from('<!doctype html>'));
    const page = await loadSweep({ text: photographs, folder }).catch((error: unknown) => error);
    expect(page).toMatchObject({
      problems: [{ path: ['spec', 'dataset', 0, 'path'], found: expect.stringMatching(/1\.png: a web page$/) as string }],
    });
  });
});

describe('paths that are meant for something else', () => {
  const on = (dataset: string) => text.replace(/\[\{name: prototypes.*\]/, `[${dataset}]`);
  const problemOf = async (dataset: string) => (await validateSweep({ text: on(dataset), folder }))[0];

  it.each([
    ['~/cifar', /write the path out/],
    ['$HOME/cifar', /write the path out/],
    ['${DATA}/cifar', /write the path out/],
    ['https://x.org/cifar.tar.gz', /^Download it/],
    ['hf://datasets/lab/cifar', /^Download it: hf download/],
    ['s3://bucket/cifar', /ncsweep dataset push/],
    ['cifar.tar.gz', /^Unpack it/],
    ['small.yaml', /^Name the folder/],
    ['packed', /^Unpack cifar-10-binary\.tar\.gz/],
    ['above', /^Did you mean .*above\/batches\?/],
    ['pickles', /version for Python/],
    ['plain', /Is this the right folder/],
  ])('are told apart: %s', async (given, remedy) => {
    for (const name of [
      'packed/cifar-10-binary.tar.gz',
      'above/batches/data_batch_1.bin',
      'pickles/batches.meta',
      'plain/readme',
    ]) {
      await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
      await writeFile(path.join(folder, name), 'x');
    }
    await writeFile(path.join(folder, 'cifar.tar.gz'), 'x');
    const problem = await problemOf(`{name: cifar10, path: "${given}"}`);
    expect(problem?.remedy).toMatch(remedy);
    expect(problem?.path).toEqual(['spec', 'dataset', 0, 'path']);
  });

  it('are folders where weights are needed', async () => {
    const problems = await validateSweep({ text: imported.replace('weights.safetensors', 'plain'), folder });
    expect(problems).toMatchObject([{ path: ['spec', 'training', 0, 'from'], found: `${path.join(folder, 'plain')}: a folder` }]);
  });

  it('are the sweep itself: a folder, a pipe, nothing', async () => {
    await expect(loadSweep(folder)).rejects.toThrow(/: a folder; name the sweep file in it/);
    await expect(loadSweep('')).rejects.toThrow(/the name of the sweep file is empty/);
    const module = new URL('load-sweep.ts', import.meta.url).href;
    const program = `import { validateSweep } from '${module}'; console.log((await validateSweep('/dev/stdin')).length)`;
    const piped = ['-c', 'cat "$0" | "$1" --input-type=module -e "$2"', file, process.execPath, program];
    expect((await promisify(execFile)('/bin/sh', piped)).stdout.trim()).toBe('0');
  });
});
